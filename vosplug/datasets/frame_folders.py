"""Benchmarks that keep a folder of frames and a folder of indexed masks per video."""

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path

from ..errors import AnnotationError
from ..structures import ImageFolderSource, VideoAnnotation
from ..structures.image_set import read_image_set
from .base_video_dataset import BaseVideoDataset, VideoRecord
from .formats import MaskFolderAnnotation


class FrameFolderDataset(BaseVideoDataset):
    """Videos in ``<frames_dir>/<video>``, masks in ``<masks_dir>/<video>``; a child says where these are.

    Args:
        kwargs: of :class:`BaseVideoDataset`; ``ann_file`` is an image set relative to ``data_root``: video
            names, or DAVIS 2016's lines of file pairs; empty: every video with frames.

    Raises:
        AnnotationError: no image set, no video, or a listed video without frames.
    """

    annotation_type: Callable[..., VideoAnnotation] = MaskFolderAnnotation

    @property
    @abstractmethod
    def frames_dir(self) -> Path:
        """Folder with a folder of frames per video."""

    @property
    @abstractmethod
    def masks_dir(self) -> Path:
        """Folder with a folder of masks per video."""

    def load_data_list(self) -> list[dict]:
        """See :class:`BaseVideoDataset`."""
        frames = self.frames_dir
        if not frames.is_dir():
            raise AnnotationError(
                f'{frames}: no such folder. Point data_root at a folder in the layout of '
                f'{type(self).__name__}, and choose a part of it that is there.'
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
        name = info['video_name']
        source = ImageFolderSource(self.frames_dir / name)
        annotation = self.annotation_type(self.masks_dir / name, source.frame_names, source)
        return VideoRecord(name, source, annotation)
