"""MMTracking 1.x info lists of single-object benchmarks."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from ..errors import AnnotationError
from ..files import is_file
from ..limits import check_limit
from .box_text import read_boxes
from .mmtracking import TrackedObject, TrackedVideo, sequence_name, to_xyxy
from .text_file import check_relative, read_lines, read_text

_LINE = re.compile(r'[^,]+,[^,]+,\d{1,15},\d{1,15}')


@dataclass(frozen=True)
class ListedVideo:
    """A line of an info list; paths are relative to the dataset."""

    folder: str  # of the frames
    annotation: str
    numbers: range  # of the frames

    @property
    def sequence(self) -> str:
        """Name of the sequence in its benchmark."""
        return sequence_name(self.folder)

    @property
    def files(self) -> tuple[str, ...]:
        """Frame files; TrackingNet, whose annotation has the video's name, does not pad their numbers."""
        digits = 8 if PurePosixPath(self.annotation).name == 'groundtruth.txt' else 1
        return tuple(f'{self.folder}/{number:0{digits}d}.jpg' for number in self.numbers)


def is_info_list(path: str | Path) -> bool:
    """Whether a text file is an info list, see :func:`read_info_list`, rather than an image set.

    Raises:
        AnnotationError: no such file, or not text.
    """
    header, line = [*read_lines(path), '', ''][:2]
    return 'start_frame_id' in header or _LINE.fullmatch(line.strip()) is not None


def read_info_list(path: str | Path) -> list[ListedVideo]:
    """Videos in an info list of MMTracking 1.x.

    After a header line, lines are ``video_path,annotation_path,start_frame_id,end_frame_id``: folder and file
    relative to the dataset, first and last number of the frames.

    Raises:
        AnnotationError: no such file, a line of another layout, a path that is not below the dataset's
            folder, or no video.
    """
    lines = enumerate(read_lines(path)[1:], 2)
    videos = [_listed(line.strip(), f'{path}, line {k}') for k, line in lines if line.strip()]
    if not videos:
        raise AnnotationError(f'{path}: lists no videos; expected a header line, then one line per video.')
    return videos


def _listed(line: str, where: str) -> ListedVideo:
    found = None
    if _LINE.fullmatch(line):
        folder, annotation, start, end = line.split(',')
        found = ListedVideo(folder, annotation, range(int(start), int(end) + 1))
    if found is None or not found.numbers:
        raise AnnotationError(
            f'{where}: expected video_path,annotation_path,start_frame_id,end_frame_id, found {line!r:.200}.'
        )
    frames = len(found.numbers)
    check_limit('MAX_FRAMES', frames, f'{where}: lists {frames:,} frames', AnnotationError)
    check_relative(found.folder, where)
    check_relative(found.annotation, where)
    return found


def read_sot_infos(path: str | Path, root: str | Path) -> list[TrackedVideo]:
    """Read an info list that MMTracking 1.x makes from GOT-10k, LaSOT, TrackingNet or VOT.

    GOT-10k, LaSOT and VOT (``groundtruth.txt``) number frames with eight digits, TrackingNet
    (``<chunk>/anno/<video>.txt``) without padding. A video has one object, called ``0``; VOT's polygons
    become boxes.

    A test set may have only the first box; then only the first frame is annotated. NaN and boxes without
    area are omitted. The object is not visible where GOT-10k's ``absence.label`` is 1 or ``cover.label`` 0,
    or LaSOT's ``full_occlusion.txt`` or ``out_of_view.txt`` is 1.

    Args:
        path: the list, see :func:`read_info_list`.
        root: folder of the dataset.

    Raises:
        AnnotationError: a file is missing, a line has another layout, or the number of boxes or flags does
            not match that of the frames.
    """
    return [_sot_video(video, path, Path(root)) for video in read_info_list(path)]


def _sot_video(listed: ListedVideo, path: str | Path, root: Path) -> TrackedVideo:
    ann_file = root / listed.annotation
    boxes = read_boxes(ann_file)
    if len(boxes) not in (1, len(listed.numbers)):
        raise AnnotationError(
            f'{ann_file}: {len(boxes)} boxes, but {path} lists {len(listed.numbers)} frames; expected one '
            'per frame, or only that of the first. Regenerate the list from this dataset.'
        )
    kept = np.flatnonzero(np.isfinite(boxes).all(1) & (boxes[:, 2:] > 0).all(1))
    visible = _visible(ann_file.parent, len(boxes))[kept]
    track = TrackedObject('0', 'object', kept, to_xyxy(boxes[kept]), visible, (None,) * len(kept))
    return TrackedVideo(listed.folder, listed.files, np.arange(len(boxes)), (track,))


def _visible(folder: Path, count: int) -> np.ndarray:
    """Visibility of the object by the benchmark's flags, if it has any; bool (count,)."""
    visible = np.ones(count, bool)
    for name, seen in (
        ('absence.label', lambda flags: flags == 0),
        ('cover.label', lambda flags: flags > 0),
        ('full_occlusion.txt', lambda flags: flags == 0),
        ('out_of_view.txt', lambda flags: flags == 0),
    ):
        if not is_file(folder / name):
            continue
        try:
            flags = np.array(read_text(folder / name).replace(',', ' ').split(), np.int64)
        except (ValueError, OverflowError):
            raise AnnotationError(f'{folder / name}: expected whole numbers, found something else.') from None
        if len(flags) < count:
            raise AnnotationError(
                f'{folder / name}: {len(flags)} flags for {count} boxes; expected one per box.'
            )
        visible &= seen(flags[:count])
    return visible
