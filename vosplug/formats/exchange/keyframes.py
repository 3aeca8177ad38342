"""Interpolation between the keyframes of annotation tools."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from .context import Context
from .record import AnnotatedObject, Box


@dataclass(frozen=True)
class Keyframe:
    """State of an object in a keyframe.

    Attributes:
        frame: its index.
        shape: box, or compressed run lengths of a mask; None if it has no pixels.
        shown: whether the object is present.
        continues: whether it is present in the frames up to the next keyframe, or to the end of the video.
        occluded: whether a part is hidden, until the next keyframe.
        outline: whether the mask is a polygon, whose shape between keyframes only the tool knows.
    """

    frame: int
    shape: Box | str | None
    shown: bool = True
    continues: bool = True
    occluded: bool = False
    outline: bool = False


def fill(
    obj: AnnotatedObject,
    keyframes: Sequence[Keyframe],
    stop: int,
    context: Context,
    where: str,
    step: int = 1,
) -> set[int]:
    """Fill in an object's frames: boxes are interpolated linearly, masks are held until the next keyframe.

    Args:
        obj: to fill.
        keyframes: by frame, ascending.
        stop: end of the video, exclusive.
        context: of the conversion.
        where: file and track, for messages.
        step: frames from one annotated frame to the next.

    Returns:
        set: frames in which the shape is not known.

    Raises:
        AnnotationError: more frames than the limit.
    """
    unknown: set[int] = set()
    for key, following in pairwise(chain(keyframes, [None])):
        assert key is not None
        if key.shown:
            _put(obj, key.frame, key.shape, key.occluded)
        if not key.continues:
            continue
        end = stop if following is None else following.frame
        frames = range(key.frame + step, end, step)
        context.expand(len(frames), where)
        if following is not None and key.outline and following.shape != key.shape:
            unknown.update(frames)
            continue
        for t, shape in _between(key, following, frames):
            _put(obj, t, shape, key.occluded)
    return unknown


def _between(
    key: Keyframe, following: Keyframe | None, frames: range
) -> Iterator[tuple[int, Box | str | None]]:
    first, last = key.shape, None if following is None else following.shape
    if not isinstance(first, tuple) or not isinstance(last, tuple) or following is None:
        yield from ((t, first) for t in frames)
        return
    for t in frames:
        share = (t - key.frame) / (following.frame - key.frame)
        x1, y1, x2, y2 = (a + (b - a) * share for a, b in zip(first, last, strict=True))
        yield t, (x1, y1, x2, y2)


def _put(obj: AnnotatedObject, t: int, shape: Box | str | None, occluded: bool) -> None:
    if shape is None:
        return
    if isinstance(shape, str):
        obj.masks[t] = shape
    else:
        obj.boxes[t] = shape
    if occluded:
        obj.occluded.add(t)


def rotated_box(box: Box, degrees: float, pivot: tuple[float, float]) -> Box:
    """Bounding box of a box that is rotated clockwise around a point."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    corners = [(x - pivot[0], y - pivot[1]) for x in box[::2] for y in box[1::2]]
    xs = [pivot[0] + x * cos - y * sin for x, y in corners]
    ys = [pivot[1] + x * sin + y * cos for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)
