"""Single-object tracking benchmarks with boxes: GOT-10k, LaSOT and TrackingNet."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from ..errors import AnnotationError
from ..files import is_dir
from ..formats import MaskFolderAnnotation
from ..formats.box_text import BoxSequence, box_sequence_names, read_box_sequences
from ..formats.image_set import read_image_set
from ..formats.mmtracking import TrackedVideo, read_cocovid, single_track
from ..formats.mmtracking_lists import is_info_list, read_info_list
from ..registry import DATASETS
from ..structures import ImageFolderSource, Prompts, VideoAnnotation
from ..structures.box_ops import in_image
from .base_video_dataset import BaseVideoDataset
from .frame_folders import check_ann_dir
from .video_record import VideoRecord

OBJECT_ID = 1


class BoxTrackAnnotation(VideoAnnotation):
    """Boxes of one object, id 1, in the first frames of a video.

    Args:
        track: of the benchmark; frames that do not show the object have no box.
    """

    def __init__(self, track: BoxSequence) -> None:
        boxes = track.boxes
        self._boxes = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1).astype(np.float32)
        self._shown = track.shown

    def mask(self, t: int) -> None:
        """There are no masks."""
        return None

    def boxes(self, t: int) -> dict[int, np.ndarray]:
        """See the base."""
        return {OBJECT_ID: self._boxes[t]} if t < len(self._boxes) and self._shown[t] else {}

    def annotated_frames(self) -> list[int]:
        """All frames with a line in the ground truth, including those that do not show the object."""
        return list(range(len(self._boxes)))


class TrackingBenchmark(BaseVideoDataset):
    """Videos of a tracking benchmark in its official layout, or as MMTracking lists them.

    See :func:`~vosplug.formats.box_text.read_box_sequences`, :mod:`vosplug.formats.mmtracking` and
    :mod:`vosplug.formats.mmtracking_lists`; the video, its boxes and its name are the same in all. In testing
    the first box is the prompt, and the benchmark's protocol takes the extreme points of predicted masks as
    boxes. Training uses boxes, or masks made from them (``tools/pseudo_label.py``). Sequences of which only
    the first box is public can be tested, but not scored.

    Args:
        data_root: folder of a subset; for an info list or CocoVID JSON, the folder that its paths are
            relative to.
        ann_file: image set of the sequences to use, relative to ``data_root``; empty: all. Or a file of
            MMTracking: an info list, recognised by its format, or CocoVID, which ends in ``.json``.
        ann_dir: masks to train with, such as pseudo-labels: a folder, relative to ``data_root``, with a
            folder of masks per sequence.
        prompt: ``'box'``, or ``'mask'`` if there are masks.
        supervision: by default ``'box'``, or ``'mask'`` with ``ann_dir``.
        kwargs: of :class:`BaseVideoDataset`.
    """

    benchmark: ClassVar[str]

    def __init__(
        self,
        data_root: str,
        ann_dir: str | None = None,
        prompt: str = 'box',
        supervision: str | None = None,
        **kwargs,
    ) -> None:
        self.ann_dir = ann_dir
        supervision = supervision or ('box' if ann_dir is None else 'mask')
        super().__init__(data_root=data_root, prompt=prompt, supervision=supervision, **kwargs)

    def frames_of(self, name: str) -> Path:
        """Folder of a sequence's frames in the official layout."""
        return Path(self.data_root) / name

    def load_data_list(self) -> list[dict]:
        """See :class:`BaseVideoDataset`.

        Raises:
            AnnotationError: no sequence, one of the image set that is missing, a damaged file of
                MMTracking or two videos of the same name in it, or a sequence without masks in ``ann_dir``.
        """
        self._videos: dict[str, TrackedVideo] = {}
        if self.ann_file.endswith('.json'):
            videos = read_cocovid(self.ann_file)
            self._videos = {video.sequence: video for video in videos}
            entries = [dict(video_name=video.sequence) for video in videos]
        elif self.ann_file and is_info_list(self.ann_file):
            lines = read_info_list(self.ann_file)
            entries = [dict(video_name=line.sequence, listed=line) for line in lines]
        else:
            entries = [dict(video_name=name) for name in self._official_names()]
        names = [entry['video_name'] for entry in entries]
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            raise AnnotationError(
                f'{self.ann_file}: found two videos {twice[0]}; a sequence is named after the folder of its '
                'frames. Remove or rename one.'
            )
        if self.ann_dir is not None:
            masks = Path(self.data_root) / self.ann_dir
            check_ann_dir(self.ann_dir, masks, {name: masks / name for name in names})
        return entries

    def _official_names(self) -> list[str]:
        known = box_sequence_names(self.benchmark, self.data_root)
        names = read_image_set(self.ann_file) if self.ann_file else known
        missing = sorted(set(names) - set(known))
        if missing:
            raise AnnotationError(
                f'{self.ann_file}: {len(missing)} of {len(names)} sequences are not in {self.data_root}, '
                f'such as {missing[:3]}. Correct the list or data_root. (A list of MMTracking has lines '
                'video_path,annotation_path,start_frame_id,end_frame_id.)'
            )
        return names

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`.

        Raises:
            AnnotationError: different numbers of frames and boxes, or not one object in a CocoVID video.
        """
        name, listed, root = info['video_name'], info.get('listed'), Path(self.data_root)
        if name in self._videos:
            video = self._videos[name]
            track = single_track(video, self.ann_file)
            source = ImageFolderSource(root / video.name, [root / file for file in video.frame_files])
        elif listed is not None:
            subset = (root / listed.annotation).parents[1]
            (track,) = read_box_sequences(self.benchmark, subset, [name])
            source = ImageFolderSource(root / listed.folder, [root / file for file in listed.files])
        else:
            (track,) = read_box_sequences(self.benchmark, root, [name])
            source = ImageFolderSource(self.frames_of(name))
        if len(track.boxes) not in (1, len(source)):
            raise AnnotationError(
                f'{source.folder}: found {len(source)} frames, expected {len(track.boxes)}, one for '
                'each box of the ground truth.'
            )
        if self.test_mode and track.cover is not None:
            # GOT-10k's toolkit scores all frames with a visible part, even those that absence.label marks
            track = replace(track, visible=track.cover > 0)
        annotation: VideoAnnotation = BoxTrackAnnotation(track)
        if self.ann_dir is not None:
            annotation = MaskFolderAnnotation(root / self.ann_dir / name, source.frame_names, source)
        return VideoRecord(name, source, annotation, metainfo=_labels(track))

    def test_prompts(self, record: VideoRecord) -> Prompts:
        """See :class:`BaseVideoDataset`.

        Raises:
            AnnotationError: the first frame shows no object: its box is not finite, has no area, lies
                outside the image, or the object is hidden.
        """
        prompts = super().test_prompts(record)
        for frame, given in prompts.items():
            for prompt in given:
                if prompt.box is not None and not in_image(prompt.box, record.source.size):
                    height, width = record.source.size
                    raise AnnotationError(
                        f'frame {frame}: box {prompt.box.tolist()} lies outside the {width}x{height} image; '
                        'there is no object to track. List the sequences without this one in ann_file.'
                    )
        return prompts


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
        return (flat if is_dir(flat) else Path(self.data_root) / name.rpartition('-')[0] / name) / 'img'


@DATASETS.register_module()
class TrackingNetDataset(TrackingBenchmark):
    """TrackingNet (Mueller et al., ECCV 2018): ``frames/<sequence>/0.jpg``, ...; ``TEST`` has 511."""

    benchmark = 'trackingnet'

    def frames_of(self, name: str) -> Path:
        """See :class:`TrackingBenchmark`."""
        return Path(self.data_root) / 'frames' / name


TRACKING_BENCHMARKS: dict[str, type[TrackingBenchmark]] = {
    kind.benchmark: kind for kind in (GOT10kDataset, LaSOTDataset, TrackingNetDataset)
}


def _labels(track: BoxSequence) -> dict[str, list]:
    """Per-frame labels that the protocols read, of a sequence whose boxes are public."""
    labels: dict[str, list] = {} if len(track.boxes) == 1 else dict(visible=track.visible.tolist())
    if track.cover is None:
        return labels
    # distinguishes boxes without area, which count in GOT-10k, from missing ones
    return labels | dict(cover=np.where(np.isfinite(track.boxes).all(1), track.cover, 0).tolist())
