"""DAVIS 2016 and 2017 in their official folder layout."""

from functools import partial
from pathlib import Path

import numpy as np

from ..errors import AnnotationError
from ..registry import DATASETS
from ..structures import ImageFolderSource
from ..structures.image_set import read_image_set
from .base_video_dataset import BaseVideoDataset, VideoRecord
from .formats import MaskFolderAnnotation


class _SingleObjectAnnotation(MaskFolderAnnotation):
    """DAVIS 2016's view: all foreground is object 1."""

    def mask(self, t: int) -> np.ndarray | None:
        mask = super().mask(t)
        return None if mask is None else ((mask > 0) & (mask < 255)).astype(np.uint8)


@DATASETS.register_module()
class DAVIS2017Dataset(BaseVideoDataset):
    """DAVIS 2017: several objects per video, indexed masks.

    Layout: ``JPEGImages/<resolution>/<video>``, ``Annotations/<resolution>/<video>``.

    Args:
        data_root: the DAVIS folder.
        resolution: ``'480p'``, ``'240p'`` or ``'Full-Resolution'``.
        ann_file: image set relative to ``data_root``: video names, or DAVIS 2016's lines of file pairs;
            empty: every video with frames at this resolution.
        kwargs: of :class:`BaseVideoDataset`.

    Raises:
        AnnotationError: no image set, no video, or a listed video without frames.
    """

    annotation_type = MaskFolderAnnotation

    def __init__(self, data_root: str, resolution: str = '480p', **kwargs) -> None:
        self.resolution = resolution
        super().__init__(data_root=data_root, **kwargs)

    def load_data_list(self) -> list[dict]:
        """See :class:`BaseVideoDataset`."""
        frames = Path(self.data_root) / 'JPEGImages' / self.resolution
        if not frames.is_dir():
            raise AnnotationError(
                f'{frames}: no such folder. Point data_root at a folder in the DAVIS layout that has '
                f'frames at {self.resolution}.'
            )
        names = (
            read_image_set(self.ann_file)
            if self.ann_file
            else sorted(p.name for p in frames.iterdir() if p.is_dir())
        )
        missing = [name for name in names if not (frames / name).is_dir()]
        if missing or not names:
            raise AnnotationError(
                f'{frames}: no frames of {missing[:5] or "any video"}'
                + (
                    f', listed in {self.ann_file}. Download them, or correct the list.'
                    if self.ann_file
                    else '.'
                )
            )
        return [dict(video_name=name) for name in names]

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        name, root = info['video_name'], Path(self.data_root)
        source = ImageFolderSource(root / 'JPEGImages' / self.resolution / name)
        annotation = self.annotation_type(
            root / 'Annotations' / self.resolution / name,
            source.frame_names,
            source,
        )
        return VideoRecord(name, source, annotation)


@DATASETS.register_module()
class DAVIS2016Dataset(DAVIS2017Dataset):
    """DAVIS 2016: one object per video, 0/255 masks (DAVIS 2017's masks are merged into one)."""

    annotation_type = partial(_SingleObjectAnnotation, binary=True)
