"""TAO's JSON (Dave et al. 2020): COCO's with ``videos`` and a ``track_id`` per annotation."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from .schema import Box, Category, Id, Side, category_names, check_distinct, check_listed
from .text_file import check_relative, read_json

_LAYOUT = (
    'that of TAO, "videos" (id), "images" (id, video_id, file_name), "annotations" (image_id, track_id, '
    'bbox) and, optionally, "categories" (id, name)'
)


class _Video(Struct, frozen=True):
    id: Id


class TAOImage(Struct, frozen=True):
    """An entry of ``images``: an annotated frame."""

    id: Id
    video_id: Id
    file_name: str
    frame_index: int | None = None
    height: Side | None = None
    width: Side | None = None

    @property
    def size(self) -> tuple[int, int] | None:
        """(H, W), if the file stores it."""
        return None if self.height is None or self.width is None else (self.height, self.width)


class TAOEntry(Struct, frozen=True):
    """An entry of ``annotations``: the box of an object in an image."""

    image_id: Id
    track_id: Id
    bbox: Box
    category_id: Id | None = None


class TAOFile(Struct, frozen=True):
    """Content of the file."""

    videos: list[_Video]
    images: list[TAOImage]
    annotations: list[TAOEntry]
    categories: list[Category] = []

    def frames(self) -> dict[Id, list[TAOImage]]:
        """Video -> its images, in order."""
        found: dict[Id, list[TAOImage]] = {video.id: [] for video in self.videos}
        for image in self.images:
            found[image.video_id].append(image)
        for images in found.values():
            images.sort(key=lambda image: (image.frame_index or 0, image.file_name))
        return found

    def boxes(self, path: str | Path) -> Iterator[tuple[TAOImage, TAOEntry, str]]:
        """Every box with its image and category, ``'object'`` if it has none, in file order."""
        images = {image.id: image for image in self.images}
        names = category_names(self.categories, path)
        for entry in self.annotations:
            yield images[entry.image_id], entry, names.get(entry.category_id, 'object')


def read_tao(path: str | Path) -> TAOFile:
    """Read TAO's JSON.

    Raises:
        AnnotationError: no such file, of another layout, an id twice, an image or annotation of something
            that is not listed, or the path of an image that is not below the folder of images.
    """
    content: TAOFile = read_json(path, TAOFile, _LAYOUT)
    check_distinct((video.id for video in content.videos), path, 'video')
    check_distinct((image.id for image in content.images), path, 'image')
    videos, images = {video.id for video in content.videos}, {image.id for image in content.images}
    for k, image in enumerate(content.images):
        check_relative(image.file_name, f'{path}, images[{k}]')
        check_listed(image.video_id, videos, f'{path}: images[{k}].video_id')
    for k, entry in enumerate(content.annotations):
        check_listed(entry.image_id, images, f'{path}: annotations[{k}].image_id')
    return content
