"""Human decisions about labels: rejected and manual masks, stored in the folder of the labels."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
from msgspec import Struct, field, to_builtins

from ..atomic import atomic_path
from ..errors import AnnotationError, VOSError
from ..files import is_file
from ..formats.output_path import output_path
from ..formats.rle import decode_mask, encode_mask
from ..formats.text_file import read_json
from ..structures.box_ops import VOID
from .composition import Manual
from .lazy_values import LazyValues

_HELD = 8  # videos whose decisions stay in memory
_LAYOUT = '"revision", "size" and "objects": object id -> frame -> decision'


class StaleRevisionError(VOSError):
    """Decisions were changed by somebody else since they were read."""


class Decision(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A human decision about an object in a frame.

    Attributes:
        kind: ``'bad'``, the automatic mask is removed; ``'manual'``, the mask is known; ``'fixed'``, the mask
            corrects a bad one, and overrides the other two.
        rle: the mask, compressed run lengths; without pixels where the object is not visible.
        void: likewise, pixels that are ignored.
        by: how the mask was made: ``'file'``, ``'brush'``, ``'polygon'``, ``'box'`` (a model's mask of a
            drawn box), ``'tracker'`` (a model propagated it from another frame) or ``'nobody'`` (not
            visible).
        tune: whether the model is fine-tuned to the mask before it segments the object's other frames.
    """

    kind: Literal['bad', 'manual', 'fixed']
    rle: str = ''
    void: str = ''
    by: Literal['file', 'brush', 'polygon', 'box', 'tracker', 'nobody'] = 'file'
    tune: bool = False

    def __post_init__(self) -> None:
        if (self.kind == 'bad') != (not self.rle):
            raise ValueError(f'a decision of kind {self.kind!r} {"has no" if self.rle else "needs a"} mask')

    def mask(self, size: tuple[int, int]) -> np.ndarray:
        """The mask, uint8 (H, W): 1 the object, 255 void.

        Raises:
            AnnotationError: damaged run lengths, or of another size.
        """
        mask = decode_mask(self.rle, size).astype(np.uint8)
        if self.void:
            mask[decode_mask(self.void, size)] = VOID
        return mask


def mask_decision(
    mask: np.ndarray, kind: Literal['manual', 'fixed'], by: str = 'file', tune: bool = False
) -> Decision:
    """The decision for a manual mask, uint8 (H, W): 1 the object, 255 void; see :class:`Decision`."""
    void = mask == VOID
    rle, given = encode_mask(mask == 1), encode_mask(void) if void.any() else ''
    return Decision(kind, rle, given, by, tune)  # type: ignore[arg-type]


class VideoDecisions(Struct, frozen=True, forbid_unknown_fields=True):
    """All decisions about a video.

    Attributes:
        revision: incremented by every change.
        size: (H, W) of masks, None if there are none.
        objects: object id -> frame name -> decision.
        given: hashes of the decisions given on command lines. None is applied twice, so a later decision
            about the same mask stands.
    """

    revision: int = 0
    size: tuple[int, int] | None = None
    objects: dict[int, dict[str, Decision]] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)

    def get(self, object_id: int, frame: str) -> Decision | None:
        """The decision about an object in a frame."""
        return self.objects.get(object_id, {}).get(frame)

    def __iter__(self) -> Iterator[tuple[int, str, Decision]]:
        return ((i, frame, d) for i, frames in self.objects.items() for frame, d in frames.items())

    def bad(self, video: str) -> frozenset[tuple[str, int, str]]:
        """(video, object id, frame) of the masks that were rejected."""
        return frozenset((video, i, frame) for i, frame, decision in self if decision.kind == 'bad')

    def masks(self, kind: str) -> dict[int, Mapping[str, np.ndarray]]:
        """Manual masks of a kind, decoded on access."""
        return self._masks(lambda decision: decision.kind == kind)

    def tuning_masks(self) -> dict[int, Mapping[str, np.ndarray]]:
        """Manual masks for fine-tuning."""
        return self._masks(lambda decision: decision.tune)

    def _masks(self, wanted: Callable[[Decision], bool]) -> dict[int, Mapping[str, np.ndarray]]:
        size = self.size or (0, 0)
        found = {i: {f: d for f, d in frames.items() if wanted(d)} for i, frames in self.objects.items()}
        return {i: LazyValues(frames, lambda d: d.mask(size)) for i, frames in found.items() if frames}

    def changed(
        self, changes: Iterable[tuple[int, str, Decision | None]], size: tuple[int, int] | None = None
    ) -> 'VideoDecisions':
        """A copy in which some decisions are replaced, or removed where the new one is None.

        Args:
            changes: object id, frame and decision.
            size: (H, W) of the masks among them.
        """
        objects = {i: dict(frames) for i, frames in self.objects.items()}
        for i, frame, decision in changes:
            if decision is None:
                objects.get(i, {}).pop(frame, None)
            else:
                objects.setdefault(i, {})[frame] = decision
        objects = {i: frames for i, frames in objects.items() if frames}
        return VideoDecisions(self.revision + 1, size or self.size, objects, self.given)

    def with_given(
        self, bad: Iterable[tuple[int, str]], manual: Manual, corrections: Manual
    ) -> 'VideoDecisions':
        """A copy with the decisions of a command line that were not given before; ``self`` if all were.

        A correction replaces any decision, a manual mask any but a correction, and a rejection none that
        has a mask.

        Args:
            bad: object id and frame of rejected masks.
            manual: manual masks.
            corrections: manual masks that correct bad ones.
        """
        offers = [(i, frame, Decision('bad')) for i, frame in sorted(bad)]
        size = self.size
        for masks, kind in ((manual, 'manual'), (corrections, 'fixed')):
            for i, frames in masks.items():
                for frame, mask in frames.items():
                    offers.append((i, frame, mask_decision(mask, kind, tune=True)))  # type: ignore[arg-type]
                    size = mask.shape
        before, given = set(self.given), set(self.given)
        changes: dict[tuple[int, str], Decision] = {}
        rank = ('bad', 'manual', 'fixed').index
        for i, frame, offer in offers:
            key = hashlib.sha256(repr((i, frame, *to_builtins(offer).items())).encode()).hexdigest()[:16]
            stands = changes.get((i, frame)) or self.get(i, frame)
            if key not in before and (stands is None or rank(offer.kind) >= rank(stands.kind)):
                changes[i, frame] = offer
            given.add(key)
        if given == before:
            return self
        made = self.changed(((i, frame, d) for (i, frame), d in changes.items()), size)
        return VideoDecisions(made.revision, made.size, made.objects, sorted(given))

    @property
    def content(self) -> list:
        """The decisions, on which the labels depend, as JSON values."""
        return [[i, frame, to_builtins(d)] for i, frame, d in sorted(self, key=lambda item: item[:2])]


class DecisionStore:
    """``decisions/<video>/decisions.json`` in a folder of labels; videos without decisions have no file.

    A writer must hold the folder's lock; threads of one process may write concurrently.

    Args:
        out: the folder.
    """

    def __init__(self, out: str | Path) -> None:
        self.folder = Path(out) / 'decisions'
        self._writing = threading.Lock()
        self._read: dict[str, tuple[tuple, VideoDecisions]] = {}  # with the state of the file

    def path(self, video: str) -> Path:
        """File of a video."""
        return output_path(self.folder, video) / 'decisions.json'

    def read(self, video: str) -> VideoDecisions:
        """Decisions about a video.

        Raises:
            AnnotationError: a damaged file.
        """
        path = self.path(video)
        if not is_file(path):
            return VideoDecisions()
        state = _state(path)
        if self._read.get(video, (None,))[0] == state:
            return self._read[video][1]
        found = read_json(path, VideoDecisions, _LAYOUT)
        for i, frame, decision in found:
            if decision.rle:
                try:
                    decision.mask(found.size or (0, 0))
                except AnnotationError as error:
                    raise AnnotationError(f'{path}: object {i}, frame {frame}: {error}') from None
        self._remember(video, state, found)
        return found

    def _remember(self, video: str, state: tuple, decisions: VideoDecisions) -> None:
        """Cache the decisions about a video, since checking the masks of a long one takes seconds."""
        self._read = dict([*self._read.items(), (video, (state, decisions))][-_HELD:])

    def write(self, video: str, decisions: VideoDecisions) -> None:
        """Write decisions whose revision is one above that of the file; they survive a power failure.

        Raises:
            StaleRevisionError: the file has another revision.
            OutputError: it cannot be written.
        """
        path = self.path(video)
        with self._writing:
            now = self.read(video).revision
            if now != decisions.revision - 1:
                raise StaleRevisionError(
                    f'video {video}: somebody else changed its decisions in the meantime (revision {now}, '
                    f'yours started from {decisions.revision - 1}). Their changes are kept, yours were not '
                    'saved; review them and decide again.'
                )
            for left in path.parent.glob('.decisions.*.json'):
                left.unlink(missing_ok=True)  # left by a killed process
            text = json.dumps(to_builtins(decisions, str_keys=True), sort_keys=True, indent=1) + '\n'
            with atomic_path(path, durable=True) as partial:
                partial.write_text(text, 'utf-8')
            self._remember(video, _state(path), decisions)

    def __getstate__(self) -> dict:
        return dict(folder=self.folder)  # locks cannot be sent to another process

    def __setstate__(self, state: dict) -> None:
        self.__init__(state['folder'].parent)  # type: ignore[misc]


def _state(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
