"""Base class of benchmarks with a folder of frames and a folder of indexed masks per video."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from mmengine.logging import print_log

from ..errors import AnnotationError
from ..files import is_dir, is_hidden_folder
from ..formats import MaskFolderAnnotation
from ..formats.image_set import read_image_set
from ..structures import ImageFolderSource, VideoAnnotation
from .base_video_dataset import BaseVideoDataset
from .video_record import VideoRecord


class FrameFolderDataset(BaseVideoDataset):
    """Videos in ``<frames_dir>/<video>``, masks in ``<masks_dir>/<video>``.

    Subclasses define both folders where they differ from ``JPEGImages`` and ``Annotations``.

    Args:
        ann_dir: masks to use instead of the dataset's own, such as pseudo-labels: a folder, relative to
            ``data_root``, with a folder of masks per video.
        only_present: skip videos of ``ann_file`` without frames, with a warning.
        kwargs: of :class:`BaseVideoDataset`; ``ann_file`` is an image set relative to ``data_root``: video
            names, or DAVIS 2016's lines of file pairs; empty: :meth:`video_names`.

    Raises:
        AnnotationError: no image set, no video, a listed video without frames (see ``only_present``), or
            without masks in ``ann_dir``.
    """

    annotation_type: Callable[..., VideoAnnotation] = MaskFolderAnnotation

    def __init__(self, *args, ann_dir: str | None = None, only_present: bool = False, **kwargs) -> None:
        self.ann_dir, self.only_present = ann_dir, only_present
        super().__init__(*args, **kwargs)

    @property
    def frames_dir(self) -> Path:
        """Folder that contains a folder of frames per video."""
        return Path(self.data_root) / 'JPEGImages'

    @property
    def own_masks_dir(self) -> Path:
        """Folder that contains a folder of the dataset's own masks per video."""
        return Path(self.data_root) / 'Annotations'

    @property
    def masks_dir(self) -> Path:
        """Folder that masks are read from: ``ann_dir``, or the dataset's own."""
        return self.own_masks_dir if self.ann_dir is None else Path(self.data_root) / self.ann_dir

    def frames_of(self, name: str) -> Path:
        """Folder of a video's frames."""
        return self.frames_dir / name

    def masks_of(self, name: str) -> Path:
        """Folder of a video's masks."""
        return self.masks_dir / name

    def video_names(self) -> list[str]:
        """Names of the videos if no image set lists them: all that have frames."""
        found = (p.name for p in self.frames_dir.iterdir() if p.is_dir())
        return sorted(name for name in found if not is_hidden_folder(name))

    def load_data_list(self) -> list[dict]:
        """See :class:`BaseVideoDataset`."""
        frames = self.frames_dir
        if not is_dir(frames):
            raise AnnotationError(
                f'{frames}: no such folder. Point data_root at a folder in the layout of '
                f'{type(self).__name__}, and choose a part of the dataset that exists there.'
            )
        names = read_image_set(self.ann_file) if self.ann_file else self.video_names()
        missing = [name for name in names if not is_dir(self.frames_of(name))]
        if self.only_present and 0 < len(missing) < len(names):
            print_log(
                f'{frames}: {len(missing)} of the {len(names)} videos of {self.ann_file} have no frames here '
                f'and are left out: {", ".join(missing)}.',
                'current',
                logging.WARNING,
            )
            names, missing = [name for name in names if name not in missing], []
        if missing or not names:
            raise AnnotationError(
                f'{frames}: no frames of {missing[:5] or "any video"}'
                + (
                    f', listed in {self.ann_file}. Download them, or correct the list.'
                    if self.ann_file
                    else '. Download them, or list the videos to use in ann_file.'
                )
            )
        if self.ann_dir is not None:
            check_ann_dir(self.ann_dir, self.masks_dir, {name: self.masks_of(name) for name in names})
        return [dict(video_name=name) for name in names]

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        name = info['video_name']
        source = ImageFolderSource(self.frames_of(name))
        annotation = self.annotation_type(self.masks_of(name), source.frame_names, source)
        return VideoRecord(name, source, annotation)


def check_ann_dir(ann_dir: str, masks: Path, folders: Mapping[str, Path]) -> None:
    """Check that masks of all videos are there, before training starts.

    Args:
        ann_dir: as given.
        masks: the folder it stands for.
        folders: video -> folder of its masks.

    Raises:
        AnnotationError: a folder is missing.
    """
    if not is_dir(masks):
        raise AnnotationError(
            f'{masks}: no such folder of masks (ann_dir={ann_dir!r}, relative to data_root); '
            "expected a folder per video. Correct ann_dir, or leave it out to read the dataset's masks."
        )
    without = [name for name, folder in folders.items() if not is_dir(folder)]
    if without:
        raise AnnotationError(
            f'{folders[without[0]]}: no such folder, so video {without[0]} has no masks in ann_dir '
            f'({len(without)} of {len(folders)} videos have none). Create the missing masks, or list '
            'the videos to use in ann_file.'
        )
