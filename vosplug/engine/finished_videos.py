"""Scores of finished test videos on disk, so that an interrupted test can be resumed."""

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import torch
from mmengine.config import Config
from mmengine.logging import print_log
from torch import nn

from ..atomic import atomic_path
from ..errors import VOSError
from ..files import read_regular
from ..formats import exact_json
from ..structures import VideoSample
from ..version import __version__

# metric options that change where numbers go, but not the results of a video
_OUTPUT_OPTIONS = ('out_file', 'prefix', 'collect_device', 'collect_dir')


class FinishedVideos:
    """Metric results of finished videos, one small file each, with a hash of what they depend on.

    Args:
        folder: folder of the files.
        settings: fingerprint of the model and evaluation settings, from :func:`settings_of`.
    """

    def __init__(self, folder: str | Path, settings: str) -> None:
        self.folder, self.settings = Path(folder), settings

    def save(self, video: VideoSample, results: list[list], outputs: Sequence[str | None] = ()) -> None:
        """Store the results of a video; if that is impossible, it is logged and the video cannot be resumed.

        Args:
            video: the finished video.
            results: results of each metric.
            outputs: digests of its output files, one for each hook that writes some.
        """
        try:
            text = exact_json.dumps([self._key(video), list(outputs), results])
        except TypeError as error:
            print_log(f'{video.name}: cannot be resumed, {error}', logger='current', level=logging.WARNING)
            return
        with atomic_path(self._path(video), durable=True) as partial:
            partial.write_text(text, 'utf-8')

    def load(self, video: VideoSample, outputs: Sequence[str | None] = ()) -> list[list] | None:
        """Load the results of a video; None if unfinished, or of other settings, inputs or outputs.

        Args:
            video: the video to look for.
            outputs: digests of its output files as they are now; None where they are incomplete.
        """
        path = self._path(video)
        if not path.exists():
            return None
        try:
            key, written, results = exact_json.loads(read_regular(path, VOSError).decode())
            own, changed = self._key(video), [digest for digest in outputs if digest not in written]
        except (OSError, ValueError, TypeError, KeyError) as error:
            print_log(f'{path}: {error}; the video is tested again.', logger='current', level=logging.WARNING)
            return None
        if key != own:
            reason = 'finished with other settings, frames or ground truth'
        elif changed or None in outputs:
            reason = 'finished, but its output files are incomplete or of another run'
        else:
            return results
        print_log(f'{video.name}: {reason}; tested again.', logger='current')
        return None

    def _path(self, video: VideoSample) -> Path:
        # a long name would not be a valid file name
        name = quote(video.name, safe='')
        return self.folder / f'{name[:150]}.{_digest(video.name)[:8]}.json'

    def _key(self, video: VideoSample) -> str:
        prompts = [
            [t, p.object_id, p.kind, hashlib.sha256(np.asarray(getattr(p, p.kind)).tobytes()).hexdigest()]
            for t, given in (video.prompts or {}).items()
            for p in given
        ]
        facts = exact_json.dumps([video.categories, video.metainfo])
        return _digest(
            [self.settings, video.name, video.source.frame_names, video.eval_frames, prompts, facts]
            + [_files_now(video.source.files), _truth_digest(video)]
        )


def settings_of(cfg: Config, model: nn.Module) -> str:
    """Fingerprint of everything that the results of a video depend on besides the video itself.

    It covers the version of vosplug, the config's model, precision, test dataset and evaluator, and the
    weights.
    """
    evaluators = cfg.get('test_evaluator', [])
    metrics = [
        {key: value for key, value in metric.items() if key not in _OUTPUT_OPTIONS}
        if isinstance(metric, dict)
        else type(metric).__name__
        for metric in (evaluators if isinstance(evaluators, (list, tuple)) else [evaluators])
    ]
    weights = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        weights.update(name.encode())
        if torch.is_tensor(value):
            value = value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()
        else:  # a module's extra state
            value = repr(value).encode()
        weights.update(value)
    dataset = cfg.get('test_dataloader', {}).get('dataset')
    fp16 = bool((cfg.get('test_cfg') or {}).get('fp16'))
    return _digest([__version__, cfg.get('model'), fp16, dataset, metrics, weights.hexdigest()])


def files_digest(paths: Iterable[Path]) -> str | None:
    """SHA-256 of the bytes of files; None if one is missing."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            digest.update(hashlib.sha256(read_regular(path, VOSError)).digest())
        except VOSError:
            return None
    return digest.hexdigest()


def _files_now(paths: Iterable[Path]) -> list[list[int]]:
    """Size and modification time of files; reading all frames would take as long as many models do."""
    stats = [path.stat() for path in paths]
    return [[stat.st_size, stat.st_mtime_ns] for stat in stats]


def _truth_digest(video: VideoSample) -> str:
    """SHA-256 of the ground truth that metrics may read."""
    digest, truth = hashlib.sha256(), video.annotation
    for t in sorted({*video.eval_frames, *truth.annotated_frames()}) if truth is not None else ():
        mask = truth.mask(t)
        boxes = {i: np.asarray(box).tolist() for i, box in truth.boxes(t).items()}
        digest.update(f'{t} {None if mask is None else mask.shape} {boxes}'.encode())
        if mask is not None:
            digest.update(np.ascontiguousarray(mask))
    return digest.hexdigest()


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
