"""Prompts that start, add or correct objects."""

import operator
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import PromptError
from .box_ops import MAX_OBJECTS, VOID


@dataclass(frozen=True, eq=False)
class ObjectPrompt:
    """One object in one frame, given by exactly one of a mask, a box and points.

    Args:
        object_id: the caller's id, 1..254; ids need not be dense.
        mask: bool or 0/1 (H, W) at the source's resolution.
        box: float xyxy in pixels, right and bottom exclusive.
        points: float (K, 3): x, y in pixels and 1 on the object, 0 off it; at least one is on it. Methods
            that cannot use points reject them.

    Raises:
        PromptError: id out of range or not an integer, none or more than one of mask, box and points, an
            empty or non-finite box, points of another form.

    Example:
        >>> ObjectPrompt(3, box=(10, 20, 50, 80)).kind
        'box'
    """

    object_id: int
    mask: np.ndarray | None = None
    box: np.ndarray | None = None
    points: np.ndarray | None = None

    def __post_init__(self) -> None:
        object_id = _whole(self.object_id, 'prompt, object id')
        label = f'prompt for object {object_id}'
        if not 1 <= object_id <= MAX_OBJECTS:
            raise PromptError(f'{label}: ids must lie in 1..{MAX_OBJECTS} (0 is background, {VOID} is void).')
        if sum(given is not None for given in (self.mask, self.box, self.points)) != 1:
            raise PromptError(f'{label}: give exactly one of mask, box and points.')
        object.__setattr__(self, 'object_id', object_id)
        if self.mask is not None:
            self._check_mask(label)
        elif self.box is not None:
            self._check_box(label)
        else:
            self._check_points(label)

    def _check_mask(self, label: str) -> None:
        mask = _numbers(self.mask, 'b', f'{label}: mask must be bool or 0/1 (H, W)')
        if mask.ndim != 2:
            raise PromptError(f'{label}: mask must be (H, W), found shape {mask.shape}.')
        if mask.dtype != bool and not np.isin(mask, (0, 1)).all():
            raise PromptError(
                f'{label}: mask must be bool or 0/1, found values up to {mask.max()}. '
                'Pass `id_mask == object_id`, or use Prompts.from_id_mask.'
            )
        object.__setattr__(self, 'mask', mask.astype(bool))

    def _check_box(self, label: str) -> None:
        box = _floats(self.box, 1, 4, f'{label}: box must be 4 finite numbers x1, y1, x2, y2')
        if box[2] <= box[0] or box[3] <= box[1]:
            raise PromptError(f'{label}: box {box.tolist()} has no area; expected x1 < x2 and y1 < y2.')
        object.__setattr__(self, 'box', box)

    def _check_points(self, label: str) -> None:
        points = _floats(self.points, 2, 3, f'{label}: points must be (K, 3) finite numbers x, y, label')
        if not np.isin(points[:, 2], (0, 1)).all() or not (points[:, 2] == 1).any():
            raise PromptError(
                f'{label}: labels of points must be 1 (on the object) or 0, at least one of them 1, found '
                f'{_short(np.unique(points[:, 2]).tolist())}.'
            )
        object.__setattr__(self, 'points', points)

    @property
    def kind(self) -> str:
        """``'mask'``, ``'box'`` or ``'points'``."""
        return next(kind for kind in ('mask', 'box', 'points') if getattr(self, kind) is not None)


def _whole(value: object, what: str) -> int:
    try:
        # a bool is an integer to Python, and so is PyTorch's
        if not isinstance(value, bool) and not str(getattr(value, 'dtype', '')).endswith('bool'):
            number = operator.index(value)  # type: ignore[arg-type]
            if abs(number) <= sys.maxsize:
                return number
    except (TypeError, RuntimeError):  # RuntimeError: of tensors
        pass
    raise PromptError(f'{what}: found {_short(value, 60)}, expected an integer of at most 64 bits.')


def _short(value: object, length: int = 200) -> str:
    """A value as messages show it, on one line."""
    try:
        return ' '.join(repr(value).split())[:length]
    except ValueError:  # Python does not print integers of thousands of digits
        return f'a {type(value).__name__} with a number of too many digits'


def _numbers(value: object, kinds: str, expected: str) -> np.ndarray:
    """Convert to an array of integers, floats or one of the further ``kinds``."""
    reason = ''
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:  # rows of several lengths, tensors elsewhere
        array, reason = np.array(None), f' ({error!s:.200})'
    if array.dtype.kind not in f'iuf{kinds}':
        raise PromptError(f'{expected}, found {_short(value)}{reason}.')
    return array


def _floats(value: object, axes: int, length: int, expected: str) -> np.ndarray:
    """Convert to a finite float32 array with this number of axes, and this length of the last one."""
    with np.errstate(over='ignore'):
        array = _numbers(value, '', expected).astype(np.float32)
    if array.ndim != axes or array.shape[-1] != length or not np.isfinite(array).all():
        raise PromptError(f'{expected}, found {_short(value)}.')
    return array


class Prompts(Mapping[int, list[ObjectPrompt]]):
    """Mapping from frame index to the prompts of that frame, in frame order.

    Invariant: at most one prompt per object and frame; the same id always means the same object,
    so a later prompt of a known id corrects that object.

    Args:
        by_frame: ``{frame: [ObjectPrompt, ...]}``; another ``Prompts`` is accepted.

    Raises:
        PromptError: no prompt at all, a frame that is negative or not an integer, an object twice in a frame,
            or one whose masks are all empty; single masks may be, where the object is not visible.
    """

    def __init__(self, by_frame: Mapping[int, Iterable[ObjectPrompt]]) -> None:
        self._by_frame: dict[int, list[ObjectPrompt]] = {}
        self._frames: dict[int, list[int]] = {}  # by object, ascending
        if not isinstance(by_frame, Mapping):
            raise PromptError(f'prompts: expected {{frame: [ObjectPrompt, ...]}}, found {_short(by_frame)}.')
        frames: dict[int, Iterable[ObjectPrompt]] = {}
        for key, given in by_frame.items():
            frame = _whole(key, 'prompts, frame')
            if frame in frames:
                raise PromptError(f'prompts: two keys stand for frame {frame}; give its prompts in one list.')
            frames[frame] = given
        for frame in sorted(frames):
            prompts = _checked(frames[frame], frame)
            ids = [p.object_id for p in prompts]
            if frame < 0:
                raise PromptError(f'prompts: frame index {frame} is negative.')
            if len(set(ids)) != len(ids):
                raise PromptError(f'prompts of frame {frame}: an object id appears twice in {_short(ids)}.')
            if prompts:
                self._by_frame[frame] = prompts
                for object_id in ids:
                    self._frames.setdefault(object_id, []).append(frame)
        if not self._by_frame:
            raise PromptError('prompts: empty; at least one object must be given in some frame.')
        self._check_pixels()

    def _check_pixels(self) -> None:
        given = (prompt for prompts in self._by_frame.values() for prompt in prompts)
        shown = {prompt.object_id for prompt in given if prompt.mask is None or prompt.mask.any()}
        for object_id, frames in self._frames.items():
            if object_id not in shown:
                raise PromptError(
                    f'prompts of frame {frames[0]}: object {object_id} has only empty masks, so it would '
                    'never appear. Give it a mask with pixels, or leave it out.'
                )

    @classmethod
    def from_id_mask(cls, id_mask: np.ndarray, frame: int = 0) -> 'Prompts':
        """Mask prompts for all objects of an id mask (uint8 (H, W); 0 and 255 are not objects)."""
        ids = [int(i) for i in np.unique(id_mask) if i not in (0, VOID)]
        return cls({frame: [ObjectPrompt(i, mask=id_mask == i) for i in ids]})

    def __getitem__(self, frame: int) -> list[ObjectPrompt]:
        return self._by_frame[frame]

    def __iter__(self) -> Iterator[int]:
        return iter(self._by_frame)

    def __len__(self) -> int:
        return len(self._by_frame)

    @property
    def object_ids(self) -> list[int]:
        """Ids in order of first appearance."""
        return list(self._frames)

    @property
    def first_frame(self) -> int:
        """The first frame with a prompt."""
        return next(iter(self._by_frame))

    def nearest_frame(self, object_id: int, t: int) -> int:
        """The prompted frame of an object that is nearest to frame ``t``; on a tie, the earlier one."""
        return min(self._frames[object_id], key=lambda frame: (abs(frame - t), frame))


def _checked(given: Iterable[ObjectPrompt], frame: int) -> list[ObjectPrompt]:
    prompts = list(given) if isinstance(given, Iterable) else [given]
    wrong = [prompt for prompt in prompts if not isinstance(prompt, ObjectPrompt)]
    if wrong or not isinstance(given, Iterable):
        raise PromptError(
            f'prompts of frame {frame}: expected a list of ObjectPrompt, found '
            f'{_short((wrong or prompts)[0])}.'
        )
    return prompts
