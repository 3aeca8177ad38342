"""Your own videos: a folder of frames per video and, beside it, masks or boxes."""

from pathlib import Path

from ..errors import AnnotationError, VideoError
from ..registry import DATASETS
from ..structures import open_video
from .base_video_dataset import BaseVideoDataset, VideoRecord
from .formats import MaskFolderAnnotation

VIDEO_SUFFIXES = ('.mp4', '.avi', '.mov', '.mkv', '.webm')


@DATASETS.register_module()
class VideoFolderDataset(BaseVideoDataset):
    """Videos (folders of pictures, or video files) with masks of the same names.

    Layout: ``frames/<video>/*.jpg`` or ``frames/<video>.mp4``; ``masks/<video>/<frame>.png``. Masks may
    cover only some frames; training and scoring use those.

    Args:
        data_root: folder that holds both.
        frames_dir: folder of the videos.
        masks_dir: folder of the masks.
        kwargs: of :class:`BaseVideoDataset`; ``ann_file`` may list video names.
    """

    def __init__(
        self, data_root: str, frames_dir: str = 'frames', masks_dir: str = 'masks', **kwargs
    ) -> None:
        self.frames_dir, self.masks_dir = frames_dir, masks_dir
        super().__init__(data_root=data_root, **kwargs)

    def load_data_list(self) -> list[dict]:
        """See :class:`BaseVideoDataset`."""
        frames = Path(self.data_root) / self.frames_dir
        if not frames.is_dir():
            raise VideoError(f'{frames}: no such folder; expected one sub-folder or video file per video.')
        found = {
            p.stem if p.is_file() else p.name: p
            for p in sorted(frames.iterdir())
            if p.is_dir() or p.suffix.lower() in VIDEO_SUFFIXES
        }
        names = list(found)
        if self.ann_file:
            names = Path(self.ann_file).read_text().split()
        unknown = [name for name in names if name not in found]
        if unknown or not names:
            raise VideoError(
                f'{frames}: no video for {unknown[:5] or "this dataset"}; found {list(found)[:5]}.'
            )
        return [dict(video_name=name, path=str(found[name])) for name in names]

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        source = open_video(info['path'])
        folder = Path(self.data_root) / self.masks_dir / info['video_name']
        if not folder.is_dir():
            raise AnnotationError(f'{folder}: video {info["video_name"]} has no annotation folder.')
        annotation = MaskFolderAnnotation(folder, source.frame_names, size=lambda: source.size)
        return VideoRecord(info['video_name'], source, annotation)
