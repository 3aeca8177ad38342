"""Your own videos: a folder of frames (or a video file) and a folder of masks per video."""

from pathlib import Path

from ..errors import AnnotationError, VideoError
from ..files import is_dir, is_hidden_folder
from ..formats import MaskFolderAnnotation
from ..formats.image_set import read_image_set
from ..registry import DATASETS
from ..structures import open_video
from ..structures.video_file import VIDEO_SUFFIXES
from .base_video_dataset import BaseVideoDataset
from .video_record import VideoRecord


@DATASETS.register_module()
class VideoFolderDataset(BaseVideoDataset):
    """Videos (folders of images, or video files) with masks of the same names.

    Layout: ``<frames_dir>/<video>/*.jpg`` or ``<frames_dir>/<video>.mp4``; ``<ann_dir>/<video>/<frame>.png``.
    Masks may cover only some frames; training and scoring use those.

    Args:
        data_root: folder that contains both.
        frames_dir: folder of the videos.
        ann_dir: folder of the masks, such as pseudo-labels.
        kwargs: of :class:`BaseVideoDataset`; ``ann_file`` may be an image set.

    Raises:
        VideoError: no such folder, no video in it, or a listed one is missing.
        AnnotationError: no list of videos, no folder of masks, or a video without masks.
    """

    def __init__(self, data_root: str, frames_dir: str = 'frames', ann_dir: str = 'masks', **kwargs) -> None:
        self.frames_dir, self.ann_dir = frames_dir, ann_dir
        super().__init__(data_root=data_root, **kwargs)

    def load_data_list(self) -> list[dict]:
        """See :class:`BaseVideoDataset`."""
        frames = Path(self.data_root) / self.frames_dir
        if not is_dir(frames):
            raise VideoError(f'{frames}: no such folder; expected one sub-folder or video file per video.')
        masks = Path(self.data_root) / self.ann_dir
        if not is_dir(masks):
            raise AnnotationError(
                f'{masks}: no such folder of masks (ann_dir={self.ann_dir!r}, relative to data_root); '
                'expected a folder per video.'
            )
        found: dict[str, Path] = {}
        for path in sorted(frames.iterdir()):
            if is_dir(path) or path.suffix.lower() in VIDEO_SUFFIXES:
                name = path.name if is_dir(path) else path.stem
                if name in found:
                    raise VideoError(
                        f'{path}: a second video named {name}, besides {found[name].name}. Rename it.'
                    )
                found[name] = path
        names = (
            read_image_set(self.ann_file)
            if self.ann_file
            else [name for name in found if not is_hidden_folder(name)]
        )
        unknown = [name for name in names if name not in found]
        if unknown or not names:
            raise VideoError(
                f'{frames}: no video for {unknown[:5] or "this dataset"}; found {list(found)[:5]}. '
                f'Add it, or correct {self.ann_file or "data_root and frames_dir"}.'
            )
        return [dict(video_name=name, path=str(found[name])) for name in names]

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        source = open_video(info['path'])
        folder = Path(self.data_root) / self.ann_dir / info['video_name']
        if not is_dir(folder):
            raise AnnotationError(
                f'{folder}: video {info["video_name"]} has no annotation folder. Add its masks there, or '
                'list the annotated videos in ann_file.'
            )
        annotation = MaskFolderAnnotation(folder, source.frame_names, source)
        return VideoRecord(info['video_name'], source, annotation)
