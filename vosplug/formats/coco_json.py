"""COCO's instance JSON: objects of still images."""

from pathlib import Path

from msgspec import Struct

from ..errors import AnnotationError
from .schema import Box, Category, Id, Segmentation, Side, check_distinct
from .text_file import check_relative, read_json

_LAYOUT = (
    'that of COCO, "images" (id, file_name, height, width) and "annotations" (id, image_id, segmentation, '
    'bbox; area for min_pixels)'
)


class COCOImage(Struct, frozen=True):
    """An entry of ``images``."""

    id: Id
    file_name: str
    height: Side
    width: Side


class COCOAttributes(Struct, frozen=True):
    """Attributes that CVAT adds to an object of a video."""

    track_id: Id | None = None
    occluded: bool = False


class COCOObject(Struct, frozen=True):
    """An entry of ``annotations``."""

    id: Id
    image_id: Id
    bbox: Box
    segmentation: Segmentation | None = None
    iscrowd: int | bool = 0
    area: float | None = None
    category_id: Id | None = None
    track_id: Id | None = None  # of the object in a video; not COCO's own
    attributes: COCOAttributes | None = None


class COCOFile(Struct, frozen=True):
    """Content of the file."""

    images: list[COCOImage]
    annotations: list[COCOObject]
    categories: list[Category] = []


def read_coco(path: str | Path, areas: bool = False, masks: bool = True) -> COCOFile:
    """Read COCO's instance JSON.

    Args:
        path: of the file.
        areas: whether every object must have an area.
        masks: whether every object must have a segmentation.

    Raises:
        AnnotationError: no such file, of another layout, an id twice, or the path of an image that is not
            below the folder of images.
    """
    content: COCOFile = read_json(path, COCOFile, _LAYOUT)
    check_distinct((image.id for image in content.images), path, 'image')
    check_distinct((image.file_name for image in content.images), path, 'image')
    check_distinct((entry.id for entry in content.annotations), path, 'annotation')
    for image in content.images:
        check_relative(image.file_name, f'{path}, image {image.id!r:.200}')
    for k, entry in enumerate(content.annotations):
        for key, needed in (('area', areas), ('segmentation', masks)):
            if needed and getattr(entry, key) is None:
                raise AnnotationError(
                    f'{path}: annotations[{k}] lacks "{key}"; the layout is {_LAYOUT}. Add it.'
                )
    return content
