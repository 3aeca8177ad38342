"""YouTube-Objects with pixel masks: ten classes, every tenth frame annotated."""

import logging
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from mmengine.logging import print_log

from ..errors import AnnotationError, VideoError
from ..formats import GreyMaskAnnotation, MaskFolderAnnotation
from ..formats.mask_folder import mask_paths, read_grey_mask
from ..registry import DATASETS
from ..structures import ImageFolderSource, Prompts, VideoAnnotation, VideoSource
from ..structures.image_file import IMAGE_SUFFIXES
from .annotated_prompts import first_appearance_prompts
from .frame_folders import FrameFolderDataset
from .video_record import VideoRecord


class FramesOfMaskSize(VideoSource):
    """Frames named by their numbers (``frame0011.jpg`` is ``00011``) and resized to the size of a mask.

    Args:
        frames: of any size, with a number at the end of their names.
        mask: path of a mask of the video.

    Raises:
        VideoError: a frame without a number.
    """

    def __init__(self, frames: ImageFolderSource, mask: Path) -> None:
        self._frames, self._mask = frames, mask
        numbers = [re.search(r'(\d+)$', name) for name in frames.frame_names]
        if None in numbers:
            raise VideoError(
                f'{frames.frame_paths[numbers.index(None)]}: expected a name with the number of the frame at '
                'the end, such as frame0001.jpg. Rename or remove it.'
            )
        self.frame_names = [f'{int(number[1]):05d}' for number in numbers]

    def __getitem__(self, t: int) -> np.ndarray:
        image = self._frames[t]
        if image.shape[:2] == self.size:
            return image
        return cv2.resize(image, self.size[::-1], interpolation=cv2.INTER_AREA)

    @property
    def files(self) -> Sequence[Path]:
        """Files of the frames."""
        return self._frames.files

    @cached_property
    def size(self) -> tuple[int, int]:
        """(H, W) of the mask."""
        return read_grey_mask(self._mask).shape


@DATASETS.register_module()
class YouTubeObjectsDataset(FrameFolderDataset):
    """YouTube-Objects (Prest et al., CVPR 2012) with the masks of Jain and Grauman (ECCV 2014): 126 videos.

    Layout:

    - ``youtube_masks/<class>/data/<video>/shots/<shot>/labels/00001.jpg``, 00011, ...: grey masks,
    - ``youtube_masks/<class>/data/<video>/shots/<shot>/images/00001.jpg``: the annotated frames,
    - ``v1/<class>/data/<video>/shots/<shot>/frame0001.jpg``, 0002, ...: all frames, release 1.0 of
      YouTube-Objects, whose numbers the masks follow (those of release 2.2 differ); only ``all_frames`` reads
      them.

    The layout is that of public code which reads the data (shelhamer/clockwork-fcn, ``datasets/youtube.py``;
    suyogduttjain/fusionseg, issue 5). Frames and masks are matched by number; frames are resized to the
    size of the masks, which may be smaller. Grey values of 128 and above are the object, id 1, and its
    category is the class. Names are ``<class>/<video>/<shot>``. The object is prompted in the first annotated
    frame that shows it. Test videos with a single annotated frame (``cow/0019``, ``motorbike/0007``) cannot
    be scored and are left out, which is logged.

    Args:
        data_root: folder of ``youtube_masks``, and of ``v1`` for ``all_frames``.
        all_frames: provide every frame; otherwise only annotated frames. Training and scoring use annotated
            frames either way.
        kwargs: of :class:`FrameFolderDataset`; masks in ``ann_dir`` are indexed.
    """

    annotated_every = 10

    def __init__(self, data_root: str, all_frames: bool = False, **kwargs) -> None:
        self.all_frames = all_frames
        super().__init__(data_root=data_root, **kwargs)

    @property
    def frames_dir(self) -> Path:
        """See :class:`FrameFolderDataset`."""
        return Path(self.data_root) / 'v1' if self.all_frames else self.own_masks_dir

    @property
    def own_masks_dir(self) -> Path:
        """See :class:`FrameFolderDataset`."""
        return Path(self.data_root) / 'youtube_masks'

    def frames_of(self, name: str) -> Path:
        """See :class:`FrameFolderDataset`."""
        shot = self.frames_dir / shot_folder(name)
        return shot if self.all_frames else shot / 'images'

    def masks_of(self, name: str) -> Path:
        """See :class:`FrameFolderDataset`."""
        return super().masks_of(name) if self.ann_dir is not None else self._labels(name)

    def _labels(self, name: str) -> Path:
        return self.own_masks_dir / shot_folder(name) / 'labels'

    def video_names(self) -> list[str]:
        """All videos with masks: YouTube-Objects has frames of many more.

        Raises:
            AnnotationError: no video with masks.
        """
        folder = self.own_masks_dir
        found = (p.relative_to(folder).parts for p in folder.glob('*/data/*/shots/*/labels'))
        names = sorted(f'{parts[0]}/{parts[2]}/{parts[4]}' for parts in found)
        if not names:
            raise AnnotationError(
                f'{folder}: no masks found; expected <class>/data/<video>/shots/<shot>/labels, such as '
                'aeroplane/data/0001/shots/001/labels. Correct data_root.'
            )
        return names

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        name = info['video_name']
        labels = mask_paths(self._labels(name), IMAGE_SUFFIXES)
        if not labels:
            raise AnnotationError(f'{self._labels(name)}: no masks; expected one per annotated frame.')
        source = FramesOfMaskSize(ImageFolderSource(self.frames_of(name)), next(iter(labels.values())))
        return VideoRecord(name, source, self._annotation(name, source), {1: name.split('/')[0]})

    def _annotation(self, name: str, source: VideoSource) -> VideoAnnotation:
        if self.ann_dir is not None:
            return MaskFolderAnnotation(self.masks_of(name), source.frame_names, source)
        return GreyMaskAnnotation({1: self.masks_of(name)}, source.frame_names, source)

    def filter_data(self) -> list[dict]:
        """The data list; in testing, without videos that have a single annotated frame."""
        videos = super().filter_data()
        if not self.test_mode:
            return videos
        single = [info for info in videos if len(self.open_video(info).annotation.annotated_frames()) < 2]
        if single:
            print_log(
                f'{type(self).__name__}: {len(single)} of {len(videos)} videos have a single annotated '
                'frame, which is used as the prompt, and cannot be scored. They are skipped: '
                f'{", ".join(info["video_name"] for info in single)}.',
                logger='current',
                level=logging.WARNING,
            )
        return [info for info in videos if info not in single]

    def test_prompts(self, record: VideoRecord) -> Prompts:
        """See :class:`BaseVideoDataset`; the object is prompted where it first appears."""
        return first_appearance_prompts(record.annotation, self.prompt)


def shot_folder(name: str) -> Path:
    """Folder of a shot in both releases, from a video's name ``<class>/<video>/<shot>``.

    Raises:
        AnnotationError: a name of another form.
    """
    parts = name.split('/')
    if len(parts) != 3:
        raise AnnotationError(
            f'video {name}: expected a name <class>/<video>/<shot>, such as aeroplane/0001/001. Correct it '
            'in ann_file.'
        )
    return Path(parts[0], 'data', parts[1], 'shots', parts[2])
