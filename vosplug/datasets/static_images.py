"""Annotated still images as pseudo-videos: repeated frames that the pipeline deforms independently."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.logging import print_log

from ..errors import AnnotationError, ConfigError, VideoError
from ..files import is_file, walk_folders
from ..formats import read_grey_mask
from ..registry import DATASETS
from ..structures import VideoAnnotation, VideoSource
from ..structures.image_file import read_image
from .base_video_dataset import BaseVideoDataset
from .video_record import VideoRecord


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
    def files(self) -> Sequence[Path]:
        """Files of the frames."""
        return [self.path]

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
                    f'{self.path}: no foreground; expected a grey mask with the object at 128 and above. '
                    'Convert it to 0 and 255, or remove the image.'
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
        if set(image_suffix) & set('/\\*?[\0'):
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
                f'{images}: no image named *{self.image_suffix} in this folder or below it. Correct '
                'data_root, image_dir or image_suffix.'
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
            count = len(items)
            items = [item for item in items if read_grey_mask(item['mask']).any()]
            dropped = count - len(items)
            where = (
                f'{Path(self.data_root) / self.mask_dir}: {dropped} masks show no object (values of 128 and '
                'above).'
            )
            if not items:
                raise AnnotationError(f'{where} No image is left; convert the masks to 0 and 255.')
            if dropped:
                print_log(f'{where} Their images are skipped.', 'current', logging.WARNING)
        if self.num_images is None:
            return items
        if self.num_images > len(items):
            raise AnnotationError(
                f'{Path(self.data_root) / self.image_dir}: found {len(items)} images, expected at least '
                f'num_images={self.num_images}. Add the missing images, or lower num_images.'
            )
        chosen = np.random.RandomState(0).choice(len(items), self.num_images, replace=False)
        return [items[k] for k in sorted(chosen)]

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        source = StillSource(info['image'], self.clip_sampler.num_frames[1])
        return VideoRecord(info['video_name'], source, StillAnnotation(info['mask'], source))
