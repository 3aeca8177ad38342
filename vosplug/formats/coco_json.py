"""COCO's instance JSON: objects of still images."""

from pathlib import Path

from msgspec import Struct

from ..errors import AnnotationError
from .schema import Box, Id, Segmentation, Side, check_distinct
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


class COCOObject(Struct, frozen=True):
    """An entry of ``annotations``."""

    id: Id
    image_id: Id
    segmentation: Segmentation
    bbox: Box
    iscrowd: int | bool = 0
    area: float | None = None


class COCOFile(Struct, frozen=True):
    """Content of the file."""

    images: list[COCOImage]
    annotations: list[COCOObject]


def read_coco(path: str | Path, areas: bool = False) -> COCOFile:
    """Read COCO's instance JSON.

    Args:
        path: of the file.
        areas: whether every object must have an area.

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
        if areas and entry.area is None:
            raise AnnotationError(f'{path}: annotations[{k}] lacks "area"; the layout is {_LAYOUT}. Add it.')
    return content
