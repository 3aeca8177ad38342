"""COCO images as pseudo-videos."""

from collections import defaultdict
from pathlib import Path

import numpy as np

from ..errors import AnnotationError, ConfigError
from ..formats import YTVISAnnotation
from ..formats.coco_json import COCOImage, COCOObject, read_coco
from ..formats.schema import Id
from ..formats.text_file import read_lines
from ..formats.ytvis_json import YTVISTrack
from ..registry import DATASETS
from ..structures import VideoAnnotation
from ..structures.box_ops import MAX_OBJECTS, VOID
from .base_video_dataset import BaseVideoDataset
from .static_images import StillSource
from .video_record import VideoRecord


class COCOAnnotation(YTVISAnnotation):
    """Objects of an image, the same in every frame of a :class:`StillSource`.

    Args:
        objects: of the image.
        size: (H, W) according to the file; an image of another size is an error.
        source: the image.
        path: the file, for error messages.
    """

    def __init__(
        self, objects: list[COCOObject], size: tuple[int, int], source: StillSource, path: Path
    ) -> None:
        length = len(source)
        tracks = [
            YTVISTrack(o.image_id, o.id, None, [o.segmentation] * length, [o.bbox] * length) for o in objects
        ]
        super().__init__(tracks, size, length, path)
        self._source = source

    def mask(self, t: int) -> np.ndarray | None:
        """See :class:`VideoAnnotation`."""
        self._check_size()
        return super().mask(t)

    def boxes(self, t: int) -> dict[int, np.ndarray]:
        """See :class:`VideoAnnotation`."""
        self._check_size()
        return super().boxes(t)

    def _check_size(self) -> None:
        (height, width), found = self._size, self._source.size
        if found != (height, width):
            raise AnnotationError(
                f'{self._path}: {self._source.path.name} is listed as {width}x{height}, '
                f'{self._source.path} is {found[1]}x{found[0]}. Use images of the annotated size.'
            )


class CombinedObjects(VideoAnnotation):
    """An annotation whose objects' masks are merged into one object, id 1."""

    def __init__(self, annotation: VideoAnnotation) -> None:
        self.annotation = annotation

    def mask(self, t: int) -> np.ndarray | None:
        """See :class:`VideoAnnotation`."""
        mask = self.annotation.mask(t)
        return np.where((mask > 0) & (mask < VOID), np.uint8(1), mask)

    def annotated_frames(self) -> list[int]:
        """See :class:`VideoAnnotation`."""
        return self.annotation.annotated_frames()


def overlapping_pairs(objects: list[COCOObject]) -> list[list[COCOObject]]:
    """Pairs of an image's objects whose boxes overlap and differ in area by at most a factor of ten."""
    boxes = np.array([entry.bbox for entry in objects], float).reshape(-1, 4)
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    overlap = (np.minimum(high[:, None], high) > np.maximum(low[:, None], low)).all(-1)
    area = boxes[:, 2] * boxes[:, 3]
    alike = 10 * np.minimum(area[:, None], area) >= np.maximum(area[:, None], area)
    return [[objects[i], objects[j]] for i, j in zip(*np.nonzero(np.triu(overlap & alike, 1)), strict=True)]


# option ``objects`` of COCOImageDataset -> the objects of each item made from an image
ITEMS = dict(
    all=lambda objects: [objects],
    single=lambda objects: [[entry] for entry in objects],
    pair=overlapping_pairs,
)


@DATASETS.register_module()
class COCOImageDataset(BaseVideoDataset):
    """Still images with objects from COCO's instance JSON; items as in :class:`StaticImageDataset`.

    Object ids are 1..N in file order. Crowds (``iscrowd``) and images without objects are skipped.

    Args:
        data_root: base folder.
        ann_file: the JSON.
        image_dir: folder that the JSON's ``file_name`` is relative to.
        image_set: file with a ``file_name`` per line, to use only these images.
        objects: which objects an item shows; the others of its image are background. ``'all'``; ``'single'``,
            so that each is drawn equally often; or ``'pair'``, two of them whose boxes overlap, as one
            object, such as a rider and a horse. The smaller box of a pair has at least a tenth of the larger
            one's area.
        min_pixels: objects with fewer mask pixels (COCO's ``area``) are left out.
        kwargs: of :class:`BaseVideoDataset`.

    Raises:
        AnnotationError: no JSON, a missing key, no image with an object, or an image of ``image_set`` that
            the JSON lacks.
    """

    def __init__(
        self,
        data_root: str,
        ann_file: str,
        image_dir: str = '',
        image_set: str | None = None,
        objects: str = 'all',
        min_pixels: int = 0,
        **kwargs,
    ) -> None:
        self.image_dir, self.image_set = image_dir, image_set
        if objects not in ITEMS:
            raise ConfigError(f'COCOImageDataset.objects: found {objects!r}, expected one of {(*ITEMS,)}.')
        self.objects, self.min_pixels = objects, min_pixels
        super().__init__(data_root=data_root, ann_file=ann_file, **kwargs)

    def load_data_list(self) -> list[dict]:
        """See :class:`BaseVideoDataset`."""
        content = read_coco(self.ann_file, areas=bool(self.min_pixels))
        objects: dict[Id, list[COCOObject]] = defaultdict(list)
        for entry in content.annotations:
            if not entry.iscrowd and (not self.min_pixels or entry.area >= self.min_pixels):
                objects[entry.image_id].append(entry)
        items = [
            dict(video_name=image.file_name, size=(image.height, image.width), objects=objects[image.id])
            for image in self._listed(content.images)
            if objects[image.id]
        ]
        if not items:
            raise AnnotationError(f'{self.ann_file}: no image with an object. Choose another file.')
        crowded = next((item for item in items if len(item['objects']) > MAX_OBJECTS), None)
        if crowded:
            raise AnnotationError(
                f'{self.ann_file}: {crowded["video_name"]} has {len(crowded["objects"])} objects; an id mask '
                f'holds at most {MAX_OBJECTS}. Remove the image.'
            )
        items = [{**item, 'objects': some} for item in items for some in ITEMS[self.objects](item['objects'])]
        if not items:
            raise AnnotationError(
                f'{self.ann_file}: no two objects whose boxes overlap. Choose another file, or another value '
                'of COCOImageDataset.objects.'
            )
        return items

    def _listed(self, images: list[COCOImage]) -> list[COCOImage]:
        """The entries of ``images`` that ``image_set`` names; all if there is none."""
        if self.image_set is None:
            return images
        names = [line.strip() for line in read_lines(self.image_set) if line.strip()]
        missing = sorted(set(names) - {image.file_name for image in images})
        if missing:
            raise AnnotationError(
                f'{self.image_set}: {missing[0]} is not in {self.ann_file} ({len(missing)} of {len(names)} '
                'images are not). Correct the list or the file.'
            )
        return [image for image in images if image.file_name in set(names)]

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        length = self.clip_sampler.num_frames[1]
        source = StillSource(Path(self.data_root) / self.image_dir / info['video_name'], length)
        annotation: VideoAnnotation = COCOAnnotation(
            info['objects'], tuple(info['size']), source, Path(self.ann_file)
        )
        if self.objects == 'pair':
            annotation = CombinedObjects(annotation)
        return VideoRecord(info['video_name'], source, annotation)
