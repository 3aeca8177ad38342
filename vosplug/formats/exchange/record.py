"""The record that every annotation format is read into and written from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...errors import AnnotationError
from ..rle import decode_mask, mask_box
from ..schema import Id, id_order

Box = tuple[float, float, float, float]  # xyxy in pixels, right and bottom exclusive
NO_CATEGORY = 'object'


@dataclass
class AnnotatedObject:
    """An object of a video. Frames are indices into the video's ``frame_names``.

    Attributes:
        id: of the object, 1 or more, distinct in the video.
        category: ``'object'`` if there is none.
        boxes: frame -> box.
        masks: frame -> COCO's compressed run lengths, of the video's size; never empty.
        occluded: frames in which a part is hidden, as flagged by an annotator.
    """

    id: int
    category: str = NO_CATEGORY
    boxes: dict[int, Box] = field(default_factory=dict)
    masks: dict[int, str] = field(default_factory=dict)
    occluded: set[int] = field(default_factory=set)

    @property
    def frames(self) -> list[int]:
        """Frames that show the object, ascending."""
        return sorted({*self.boxes, *self.masks})


@dataclass
class AnnotatedVideo:
    """Annotations of a video, or of a still image as a video of one frame.

    Attributes:
        name: unique in its dataset; it may contain folders.
        frame_names: names of its frames, in order.
        frame_files: file of every frame, relative to the folder of videos; hypothetical for a video file.
        size: (H, W); None if it is not known. Videos with masks have one.
        annotated: frames that were annotated, ascending; those that show no object are background.
        objects: in the order of the file.
        void: frame -> compressed run lengths of pixels that belong to no object and are ignored.
        fps: frames per second; None if it is not known.
    """

    name: str
    frame_names: list[str]
    frame_files: list[str]
    size: tuple[int, int] | None = None
    annotated: list[int] = field(default_factory=list)
    objects: list[AnnotatedObject] = field(default_factory=list)
    void: dict[int, str] = field(default_factory=dict)
    fps: float | None = None

    def mask(self, obj: AnnotatedObject, t: int) -> np.ndarray | None:
        """Mask bool (H, W) of an object in a frame, None if it has none."""
        return decode_mask(obj.masks[t], self.known_size()) if t in obj.masks else None

    def box(self, obj: AnnotatedObject, t: int) -> Box | None:
        """Box of an object in a frame, tight around its mask if it has no other; None if it is absent."""
        if t in obj.boxes or t not in obj.masks:
            return obj.boxes.get(t)
        return mask_box(obj.masks[t], self.known_size())

    def boxes(self, obj: AnnotatedObject) -> dict[int, Box]:
        """Boxes of an object in all frames that show it, ascending; see :meth:`box`."""
        return {t: box for t in obj.frames if (box := self.box(obj, t)) is not None}

    def known_size(self) -> tuple[int, int]:
        """(H, W) of the frames.

        Raises:
            AnnotationError: it is not known.
        """
        if self.size is None:
            raise AnnotationError(
                f'video {self.name}: the annotations do not give the size of its frames, which is needed. '
                'Give the folder of the videos (--videos), or the size (--size).'
            )
        return self.size


def xyxy(box: Sequence[float]) -> Box:
    """A box of x, y, width, height, as most formats store it."""
    x, y, width, height = box
    return x, y, x + width, y + height


def xywh(box: Box) -> list[float]:
    """Inverse of :func:`xyxy`."""
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]


def number_objects(keys: Iterable[Id]) -> dict[Id, int]:
    """Map a file's ids to object ids 1..N, in order of the ids."""
    return {key: k for k, key in enumerate(sorted(set(keys), key=id_order), 1)}
