"""Any dataset in YouTube-VIS JSON: masks, boxes, or both."""

from pathlib import Path

from ..errors import AnnotationError
from ..formats import YTVISFile
from ..formats.schema import check_distinct
from ..registry import DATASETS
from ..structures import ImageFolderSource
from .base_video_dataset import BaseVideoDataset
from .video_record import VideoRecord


@DATASETS.register_module()
class YTVISDataset(BaseVideoDataset):
    """Videos listed by a YouTube-VIS JSON.

    Args:
        data_root: base folder.
        ann_file: the JSON.
        frames_dir: folder that the JSON's ``file_names`` are relative to.
        kwargs: of :class:`BaseVideoDataset`.
    """

    def __init__(self, data_root: str, ann_file: str, frames_dir: str = 'JPEGImages', **kwargs) -> None:
        self.frames_dir = frames_dir
        super().__init__(data_root=data_root, ann_file=ann_file, **kwargs)

    def load_data_list(self) -> list[dict]:
        """See :class:`BaseVideoDataset`."""
        self._file = YTVISFile(self.ann_file)
        names = [video.name for video in self._file.videos]
        if self.test_mode:
            check_distinct(names, self.ann_file, 'the folder of frames')
        return [dict(video_name=name, index=k) for k, name in enumerate(names)]

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        video = self._file.videos[info['index']]
        paths = [Path(self.data_root) / self.frames_dir / name for name in video.file_names]
        source = ImageFolderSource(paths[0].parent, paths)
        if source.size != (video.height, video.width):
            raise AnnotationError(
                f'{self.ann_file}: video {video.id} is listed as {video.width}x{video.height}, '
                f'{paths[0]} is {source.size[1]}x{source.size[0]}. Use frames of the annotated size.'
            )
        return VideoRecord(
            name=info['video_name'],
            source=source,
            annotation=self._file.annotation(video),
            categories=self._file.track_categories(video),
        )
