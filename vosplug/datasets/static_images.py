"""Annotated still images as pseudo-videos: repeated frames that the pipeline deforms independently."""

import logging
from collections import defaultdict
from pathlib import Path

import numpy as np
from mmengine.logging import print_log

from ..errors import AnnotationError, ConfigError, VideoError
from ..files import is_file, walk_folders
from ..formats import YTVISAnnotation, read_grey_mask
from ..formats.coco_json import COCOImage, COCOObject, read_coco
from ..formats.schema import Id
from ..formats.text_file import read_lines
from ..formats.ytvis_json import YTVISTrack
from ..registry import DATASETS
from ..structures import VideoAnnotation, VideoSource
from ..structures.box_ops import MAX_OBJECTS, VOID
from ..structures.image_file import read_image
from .base_video_dataset import BaseVideoDataset, VideoRecord


class StillSource(VideoSource):
    """A still image repeated ``length`` times, decoded once."""

    def __init__(self, path: str | Path, length: int) -> None:
        self.path = Path(path)
        self.frame_names = [f'{t:05d}' for t in range(length)]
        self._image: np.ndarray | None = None

    def __getitem__(self, t: int) -> np.ndarray:
        if self._image is None:
            self._image = read_image(self.path)
        return self._image.copy()

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the image."""
        return self[0].shape[:2]


class StillAnnotation(VideoAnnotation):
    """The mask of an image's single object (id 1), the same in every frame of a :class:`StillSource`."""

    def __init__(self, path: str | Path, source: StillSource) -> None:
        self.path, self._source = Path(path), source
        self._mask: np.ndarray | None = None

    def mask(self, t: int) -> np.ndarray:
        """See :class:`VideoAnnotation`."""
        if self._mask is None:
            self._mask = read_grey_mask(self.path, self._source.size)
            if not self._mask.any():
                raise AnnotationError(
                    f'{self.path}: no foreground; expected a grey mask, the object 128 and above. Convert it '
                    'to 0 and 255, or remove the image.'
                )
        return self._mask

    def annotated_frames(self) -> list[int]:
        """Every frame."""
        return list(range(len(self._source)))


@DATASETS.register_module()
class StaticImageDataset(BaseVideoDataset):
    """Still images with a mask of one object each, as in DUTS, ECSSD, MSRA10K, FSS-1000, HRSOD and BIG.

    An item is a clip that repeats an image ``clip_sampler.num_frames`` times; a pipeline with
    ``ClipRandomAffine(together=0, jitter=1)`` adds motion (XMem's pre-training; Skogh 2024, Sec. 4.3).
    Masks may be antialiased: grey values of 128 and above are the object.

    Args:
        data_root: base folder.
        image_dir: folder of the images, searched recursively (FSS-1000's classes).
        mask_dir: folder of the masks, with the same structure; None: masks are next to the images.
        image_suffix: ending of an image's name after the part shared with its mask, such as ``'_im.jpg'``.
        mask_suffix: likewise for masks.
        empty_masks: how to handle masks without an object: ``'error'`` when one is drawn, or ``'drop'`` their
            images at the start, which is logged and reads every mask.
        num_images: use this many of the images, a random choice that only depends on the files; None: all.
        kwargs: of :class:`BaseVideoDataset`.

    Raises:
        VideoError: no such folder, or no image in it.
        AnnotationError: an image without a mask, no mask with an object, or fewer images than ``num_images``.
        ConfigError: an unknown rule for empty masks, or an ``image_suffix`` that no name ends in.
    """

    def __init__(
        self,
        data_root: str,
        image_dir: str = '',
        mask_dir: str | None = None,
        image_suffix: str = '.jpg',
        mask_suffix: str = '.png',
        empty_masks: str = 'error',
        num_images: int | None = None,
        **kwargs,
    ) -> None:
        if empty_masks not in ('error', 'drop'):
            raise ConfigError(
                f"StaticImageDataset.empty_masks: found {empty_masks!r}, expected 'error' or 'drop'."
            )
        if not isinstance(image_suffix, str) or set(image_suffix) & set('/\\*?[\0'):
            raise ConfigError(
                f'StaticImageDataset.image_suffix: found {image_suffix!r:.80}, expected the end of a name, '
                "such as '.jpg', without folders and wildcards."
            )
        self.empty_masks, self.num_images = empty_masks, num_images
        self.image_dir, self.mask_dir = image_dir, image_dir if mask_dir is None else mask_dir
        self.image_suffix, self.mask_suffix = image_suffix, mask_suffix
        super().__init__(data_root=data_root, **kwargs)

    def load_data_list(self) -> list[dict]:
        """See :class:`BaseVideoDataset`."""
        images, masks = (Path(self.data_root) / folder for folder in (self.image_dir, self.mask_dir))
        found = sorted(
            folder / name
            for folder, _, names in walk_folders(images, VideoError)
            for name in names
            if name.endswith(self.image_suffix)
        )
        if not found:
            raise VideoError(
                f'{images}: no image named *{self.image_suffix}, there or below. Correct data_root, '
                'image_dir or image_suffix.'
            )
        items = []
        for path in found:
            name = path.relative_to(images).as_posix().removesuffix(self.image_suffix)
            mask = masks / f'{name}{self.mask_suffix}'
            items.append(dict(video_name=name, image=str(path), mask=str(mask)))
        missing = [item['mask'] for item in items if not is_file(item['mask'])]
        if missing:
            raise AnnotationError(
                f'{missing[0]}: mask not found ({len(missing)} of {len(items)} images have none). Add it, '
                'remove the image, or correct mask_dir and mask_suffix.'
            )
        return items

    def filter_data(self) -> list[dict]:
        """The data list, without empty masks and reduced to ``num_images``, as the options say."""
        items = super().filter_data()
        if self.empty_masks == 'drop':
            items = [item for item in items if read_grey_mask(item['mask']).any()]
            dropped = len(self.data_list) - len(items)
            where = f'{Path(self.data_root) / self.mask_dir}: {dropped} masks show no object, 128 and above.'
            if not items:
                raise AnnotationError(f'{where} None is left; convert them to 0 and 255.')
            if dropped:
                print_log(f'{where} Their images are skipped.', 'current', logging.WARNING)
        if self.num_images is None:
            return items
        if self.num_images > len(items):
            raise AnnotationError(
                f'{Path(self.data_root) / self.image_dir}: {len(items)} images, num_images is '
                f'{self.num_images}. Add the others, or lower it.'
            )
        chosen = np.random.RandomState(0).choice(len(items), self.num_images, replace=False)
        return [items[k] for k in sorted(chosen)]

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        source = StillSource(info['image'], self.clip_sampler.num_frames[1])
        return VideoRecord(info['video_name'], source, StillAnnotation(info['mask'], source))


class COCOAnnotation(YTVISAnnotation):
    """Objects of an image, the same in every frame of a :class:`StillSource`.

    Args:
        objects: of the image.
        size: (H, W) that the file gives; an image of another size is an error.
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
    """An annotation with masks whose objects are one, id 1."""

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
    """Pairs of COCO's objects of an image whose boxes overlap and are no more than tenfold in area."""
    boxes = np.array([entry.bbox for entry in objects], float).reshape(-1, 4)
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    overlap = (np.minimum(high[:, None], high) > np.maximum(low[:, None], low)).all(-1)
    area = boxes[:, 2] * boxes[:, 3]
    alike = 10 * np.minimum(area[:, None], area) >= np.maximum(area[:, None], area)
    return [[objects[i], objects[j]] for i, j in zip(*np.nonzero(np.triu(overlap & alike, 1)), strict=True)]


# What the items of COCOImageDataset show of an image's objects, by its option.
ITEMS = dict(
    all=lambda objects: [objects],
    single=lambda objects: [[entry] for entry in objects],
    pair=overlapping_pairs,
)


@DATASETS.register_module()
class COCOImageDataset(BaseVideoDataset):
    """Still images with objects from COCO's instance JSON; items as of :class:`StaticImageDataset`.

    Object ids are 1..N in file order. Crowds (``iscrowd``) and images without objects are skipped.

    Args:
        data_root: base folder.
        ann_file: the JSON.
        image_dir: folder that the JSON's ``file_name`` is relative to.
        image_set: file with a ``file_name`` per line, to use only these images.
        objects: which objects an item shows; the others of its image are background. ``'all'``; ``'single'``,
            so that each is drawn as often as any other; or ``'pair'``, two of them whose boxes overlap, as
            one object, such as a rider and a horse. Of a pair the smaller box has a tenth of the larger one's
            area or more.
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
        """The entries of ``images`` that ``image_set`` names; all without one."""
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
