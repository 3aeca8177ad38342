"""VOT2020's short-term challenge: a video for every anchor of a sequence."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import AnnotationError
from ..formats.image_set import read_image_set
from ..formats.mmtracking_lists import ListedVideo, is_info_list, read_info_list
from ..formats.vot_sequence import anchor_frames, read_anchors, read_vot_sequence, trajectory_name
from ..formats.vot_text import read_regions
from ..registry import DATASETS
from ..structures import ImageFolderSource, VideoAnnotation
from ..structures.vot_raster import rasterise
from ..structures.vot_region import VOTRegion
from .base_video_dataset import BaseVideoDataset
from .video_record import VideoRecord

OBJECT_ID = 1


class RegionAnnotation(VideoAnnotation):
    """Regions of one object, id 1, in every frame.

    Args:
        regions: (T,); one without pixels means that the object is absent.
        size: (H, W) of the frames.
    """

    def __init__(self, regions: Sequence[VOTRegion], size: tuple[int, int]) -> None:
        self._regions, self._size = regions, size

    def mask(self, t: int) -> np.ndarray:
        """See the base."""
        height, width = self._size
        return OBJECT_ID * rasterise(self._regions[t], (0, 0, width - 1, height - 1)).astype(np.uint8)

    def annotated_frames(self) -> list[int]:
        """See the base."""
        return list(range(len(self._regions)))


@DATASETS.register_module()
class VOT2020Dataset(BaseVideoDataset):
    """VOT2020-ST (Kristan et al. 2020): trackers start from a mask, once from every anchor.

    Layout: ``list.txt``, and ``<sequence>/groundtruth.txt``, ``anchor.value``, ``sequence`` and
    ``color/00000001.jpg``, ... A run is a video, forwards or backwards from its anchor; its frames are
    numbered in the order of the run, from 1, so that ``tools/eval_masks.py --protocol vot2020`` reads the
    masks that ``tools/test.py --out`` writes.

    Args:
        data_root: folder of the sequences.
        ann_file: image set of the sequences, or MMTracking's info list of them, relative to ``data_root``;
            paths in the latter are, too.
        kwargs: of :class:`BaseVideoDataset`.
    """

    def __init__(self, data_root: str, ann_file: str = 'list.txt', **kwargs) -> None:
        super().__init__(data_root=data_root, ann_file=ann_file, **kwargs)

    def load_data_list(self) -> list[dict]:
        """See :class:`BaseVideoDataset`: a run per anchor.

        Raises:
            AnnotationError: a missing or damaged file.
        """
        runs = []
        for name, listed in self._sequences():
            folder = self._folder(name, listed)
            length = len(read_regions(folder / 'groundtruth.txt'))
            for anchor in anchor_frames(read_anchors(folder, length), length):
                run = Path(trajectory_name(name, anchor)).stem
                runs.append(dict(video_name=run, sequence=name, anchor=anchor, listed=listed))
        return runs

    def _sequences(self) -> list[tuple[str, ListedVideo | None]]:
        if self.ann_file.endswith('.json'):
            raise AnnotationError(
                f'{self.ann_file}: VOT2020 is annotated with masks, which CocoVID files of MMTracking '
                "do not contain. Give the challenge's list.txt, or MMTracking's info list."
            )
        if is_info_list(self.ann_file):
            return [(video.sequence, video) for video in read_info_list(self.ann_file)]
        return [(name, None) for name in read_image_set(self.ann_file)]

    def _folder(self, name: str, listed: ListedVideo | None) -> Path:
        root = Path(self.data_root)
        return root / name if listed is None else (root / listed.annotation).parent

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`.

        Raises:
            AnnotationError: different numbers of frames and regions.
        """
        anchor, listed = info['anchor'], info['listed']
        folder = self._folder(info['sequence'], listed)
        sequence = read_vot_sequence(folder)
        length = len(sequence.regions)
        if listed is None:
            paths = ImageFolderSource(folder / 'color').frame_paths
        else:
            paths = [Path(self.data_root) / file for file in listed.files]
        if len(paths) != length:
            raise AnnotationError(
                f'{folder / "color"}: found {len(paths)} frames, expected {length}, one for each region of '
                'the ground truth.'
            )
        frames = anchor_frames(sequence.anchors, length)[anchor]
        names = [f'{k:08d}' for k in range(1, len(frames) + 1)]
        source = ImageFolderSource(folder / 'color', [paths[t] for t in frames], frame_names=names)
        annotation = RegionAnnotation([sequence.regions[t] for t in frames], sequence.size[::-1])
        facts = dict(sequence=info['sequence'], anchor=anchor, length=length)
        return VideoRecord(info['video_name'], source, annotation, metainfo=facts)
