"""Single-object tracking benchmarks with boxes: GOT-10k, LaSOT and TrackingNet."""

from pathlib import Path
from typing import ClassVar

import numpy as np

from ..errors import AnnotationError
from ..formats.box_text import BoxSequence, box_sequence_names, read_box_sequences
from ..formats.image_set import read_image_set
from ..registry import DATASETS
from ..structures import ImageFolderSource, VideoAnnotation
from .base_video_dataset import BaseVideoDataset, VideoRecord

OBJECT_ID = 1


class BoxTrackAnnotation(VideoAnnotation):
    """Boxes of one object, id 1, in the first frames of a video.

    Args:
        boxes: float (T, 4) xywh in pixels.
        visible: bool (T,): in which frames they hold; boxes without width or height do not.
    """

    def __init__(self, boxes: np.ndarray, visible: np.ndarray) -> None:
        self._boxes = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1).astype(np.float32)
        self._visible = visible & (boxes[:, 2:] > 0).all(1)  # False for NaN, too

    def mask(self, t: int) -> None:
        """There are no masks."""
        return None

    def boxes(self, t: int) -> dict[int, np.ndarray]:
        """See the base."""
        return {OBJECT_ID: self._boxes[t]} if t < len(self._boxes) and self._visible[t] else {}

    def annotated_frames(self) -> list[int]:
        """All frames with a line of their own, those that do not show the object included."""
        return list(range(len(self._boxes)))


class TrackingBenchmark(BaseVideoDataset):
    """Videos of a tracking benchmark in its official layout.

    See :func:`~vosplug.formats.box_text.read_box_sequences`. In testing the first box is the prompt, and the
    benchmark's protocol takes the extreme points of predicted masks as boxes. Training is from boxes, or from
    masks that were made of them (``tools/pseudo_label.py``, ``YTVISDataset``). Sequences of which only the
    first box is public can be tested, but not scored.

    Args:
        data_root: folder of a subset.
        ann_file: image set of the sequences to use, relative to ``data_root``; empty: all.
        prompt: ``'box'``; there are no masks.
        supervision: ``'box'``.
        kwargs: of :class:`BaseVideoDataset`.
    """

    benchmark: ClassVar[str]

    def __init__(self, data_root: str, prompt: str = 'box', supervision: str = 'box', **kwargs) -> None:
        super().__init__(data_root=data_root, prompt=prompt, supervision=supervision, **kwargs)

    def frames_of(self, name: str) -> Path:
        """Folder of a sequence's frames."""
        return Path(self.data_root) / name

    def load_data_list(self) -> list[dict]:
        """See :class:`BaseVideoDataset`.

        Raises:
            AnnotationError: no sequence, or one of the image set that is not there.
        """
        known = box_sequence_names(self.benchmark, self.data_root)
        names = read_image_set(self.ann_file) if self.ann_file else known
        missing = sorted(set(names) - set(known))
        if missing:
            raise AnnotationError(
                f'{self.ann_file}: {len(missing)} of {len(names)} sequences are not in {self.data_root}, '
                f'such as {missing[:3]}. Correct the list or data_root.'
            )
        return [dict(video_name=name) for name in names]

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`.

        Raises:
            AnnotationError: other numbers of frames and boxes.
        """
        name = info['video_name']
        [track] = read_box_sequences(self.benchmark, self.data_root, [name])
        source = ImageFolderSource(self.frames_of(name))
        if len(track.boxes) not in (1, len(source)):
            raise AnnotationError(
                f'{self.frames_of(name)}: found {len(source)} frames, expected {len(track.boxes)}, one for '
                'each box of the ground truth.'
            )
        # GOT-10k's toolkit scores all frames with a visible part, also those that absence.label marks
        scored = self.test_mode and track.cover is not None
        annotation = BoxTrackAnnotation(track.boxes, track.cover > 0 if scored else track.visible)
        return VideoRecord(name, source, annotation, metainfo=_labels(track))


@DATASETS.register_module()
class GOT10kDataset(TrackingBenchmark):
    """GOT-10k (Huang et al., TPAMI 2019): ``<sequence>/00000001.jpg``, ...; ``val`` has 180 sequences."""

    benchmark = 'got10k'


@DATASETS.register_module()
class LaSOTDataset(TrackingBenchmark):
    """LaSOT (Fan et al., CVPR 2019): ``[<class>/]<class>-<n>/img/00000001.jpg``, ...; 280 for testing."""

    benchmark = 'lasot'

    def frames_of(self, name: str) -> Path:
        """See :class:`TrackingBenchmark`."""
        flat = Path(self.data_root) / name
        return (flat if flat.is_dir() else Path(self.data_root) / name.rpartition('-')[0] / name) / 'img'


@DATASETS.register_module()
class TrackingNetDataset(TrackingBenchmark):
    """TrackingNet (Mueller et al., ECCV 2018): ``frames/<sequence>/0.jpg``, ...; ``TEST`` has 511."""

    benchmark = 'trackingnet'

    def frames_of(self, name: str) -> Path:
        """See :class:`TrackingBenchmark`."""
        return Path(self.data_root) / 'frames' / name


def _labels(track: BoxSequence) -> dict[str, list]:
    """What the protocols read of a sequence whose boxes are public."""
    labels: dict[str, list] = {} if len(track.boxes) == 1 else dict(visible=track.visible.tolist())
    return labels if track.cover is None else labels | dict(cover=track.cover.tolist())
