"""Recipe of a folder of labels: what a program needs to make them again or to change them."""

import json
import os
from pathlib import Path
from typing import Any

from msgspec import Struct, structs, to_builtins

from ..datasets.tracking_benchmarks import TRACKING_BENCHMARKS
from ..errors import ConfigError
from ..files import is_file
from ..formats.text_file import read_json
from .box_files import read_box_videos
from .box_video import BoxVideo
from .composition import Rules
from .factory import LabelFactory
from .labeller import build_labeller
from .manual_masks import ManualMasks

_PATHS = ('videos', 'boxes', 'sequences', 'truth', 'checkpoint', 'config')


class Recipe(Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Model, boxes and rules of a folder of labels.

    Attributes:
        config: of the box-to-mask model, see :func:`~.labeller.build_labeller`.
        videos: folder of the videos.
        boxes: file of the boxes, or name of a benchmark, see :func:`~.box_files.read_box_videos`.
        checkpoint: weights.
        cfg_options: config overrides.
        sequences: image set of the videos.
        truth: folder of ground-truth masks.
        min_iou: see :class:`~.composition.Rules`.
        overlap: likewise.
        manifest: see :class:`~.factory.LabelFactory`.
        chunk: likewise.
        worst: masks shown in ``worst.png``.
    """

    config: str
    videos: str
    boxes: str
    checkpoint: str | None = None
    cfg_options: dict[str, Any] | None = None
    sequences: str | None = None
    truth: str | None = None
    min_iou: float = 0.0
    overlap: str = 'score'
    manifest: str = 'csv'
    chunk: int = 1000
    worst: int = 24

    def read_videos(self) -> list[BoxVideo]:
        """The videos with their boxes; errors as of :func:`~.box_files.read_box_videos`."""
        return read_box_videos(self.boxes, self.videos, self.sequences)

    def make_factory(
        self,
        out: str | Path,
        device: str = 'cpu',
        listed: frozenset[tuple[str, int, str]] = frozenset(),
        manual: ManualMasks | None = None,
        corrections: ManualMasks | None = None,
    ) -> LabelFactory:
        """The factory, which records this recipe in its folder when it makes labels.

        Args:
            out: the folder.
            device: torch device.
            listed: see :class:`~.composition.Rules`.
            manual: see :class:`~.factory.LabelFactory`.
            corrections: likewise.

        Raises:
            ConfigError: see :func:`~.labeller.build_labeller` and :class:`~.factory.LabelFactory`.
        """
        labeller = build_labeller(self.config, self.checkpoint, device, self.cfg_options)
        rules = Rules(self.overlap, listed, self.min_iou)
        return LabelFactory(
            out,
            labeller,
            rules,
            manual,
            corrections,
            self.truth,
            self.manifest,
            self.chunk,
            self.text(),
        )

    def text(self) -> str:
        """The recipe as JSON, with absolute paths."""
        given = to_builtins(self)
        for name in _PATHS:
            path = given.get(name)
            # names of models and of benchmarks are not paths
            named = name == 'config' and not is_file(path) or name == 'boxes' and path in TRACKING_BENCHMARKS
            if path and not named:
                given[name] = os.path.abspath(path)
        return json.dumps(given, indent=1) + '\n'


def recipe_path(out: str | Path) -> Path:
    """File of the recipe in a folder of labels."""
    return Path(out) / 'work' / 'recipe.json'


def read_recipe(out: str | Path, **changes: Any) -> Recipe:
    """Recipe of a folder of labels.

    Args:
        out: the folder.
        changes: values that replace recorded ones, such as ``videos`` after a move.

    Raises:
        ConfigError: no recipe is recorded, and ``changes`` is not a complete one.
        AnnotationError: a damaged file.
    """
    path = recipe_path(out)
    if is_file(path):
        return structs.replace(read_json(path, Recipe, 'that of a recipe'), **changes)
    try:
        return Recipe(**changes)
    except TypeError:
        raise ConfigError(
            f'{path}: not found, so it is unknown how these labels were made. Run the command that made them '
            'again, which writes this file and leaves finished labels alone, or give --config, --videos and '
            '--boxes.'
        ) from None
