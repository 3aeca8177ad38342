"""Prompts for test videos, made from their annotation."""

from ..errors import AnnotationError
from ..structures import ObjectPrompt, Prompts, VideoAnnotation


def make_prompts(annotation: VideoAnnotation, frame: int, kind: str) -> list[ObjectPrompt]:
    """Prompts for every object of an annotated frame, by ``'mask'`` or ``'box'``."""
    boxes = annotation.boxes(frame)
    if kind == 'box':
        return [ObjectPrompt(i, box=box) for i, box in boxes.items()]
    mask = annotation.mask(frame)
    if mask is None:
        raise AnnotationError(f"frame {frame} has no mask to prompt with; set prompt='box' for box data.")
    unmasked = [i for i in boxes if not (mask == i).any()]
    if unmasked:
        raise AnnotationError(f"frame {frame}: objects {unmasked} have a box but no mask; set prompt='box'.")
    return [ObjectPrompt(i, mask=mask == i) for i in boxes]


def first_appearance_prompts(
    annotation: VideoAnnotation, kind: str, min_pixels: int = 1, until: int | None = None
) -> Prompts:
    """Prompt every object where it first appears (the YouTube-VOS rule).

    Args:
        annotation: of the video; all annotated frames are read once.
        kind: ``'mask'`` or ``'box'``.
        min_pixels: an object counts as present once its box covers this many pixels.
        until: prompts are only given in annotated frames before this position (a slice's end); -2 leaves each
            object a frame to be scored where the last frame is not scored.

    Raises:
        AnnotationError: no frame shows an object.
    """
    prompts: dict[int, list[ObjectPrompt]] = {}
    seen: set[int] = set()
    for t in annotation.annotated_frames()[:until]:
        boxes = annotation.boxes(t)
        new = {i for i, (x1, y1, x2, y2) in boxes.items() if (x2 - x1) * (y2 - y1) >= min_pixels} - seen
        if new:
            prompts[t] = [p for p in make_prompts(annotation, t, kind) if p.object_id in new]
            seen |= new
    if not prompts:
        raise AnnotationError('no annotated frame shows an object to prompt.')
    return Prompts(prompts)


def repeat_prompts(first: Prompts, annotation: VideoAnnotation, every: int, kind: str) -> Prompts:
    """Add prompts in every k-th annotated frame to the objects' first ones."""
    repeated: dict[int, list[ObjectPrompt]] = dict(first)
    starts = {i: first.nearest_frame(i, 0) for i in first.object_ids}
    for t in annotation.annotated_frames()[::every]:
        given = make_prompts(annotation, t, kind)
        later = [p for p in given if starts.get(p.object_id, t) < t]
        repeated[t] = repeated.get(t, []) + later
    return Prompts(repeated)
