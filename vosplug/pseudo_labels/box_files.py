"""Readers of boxes: tracking benchmarks, YouTube-VIS, TAO or CocoVID JSON, MMTracking's lists, or CSV."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..datasets.tracking_benchmarks import OBJECT_ID, TRACKING_BENCHMARKS, TrackingBenchmark
from ..datasets.video_record import VideoRecord
from ..errors import AnnotationError
from ..files import is_file, natural_key
from ..formats import YTVISFile
from ..formats.box_table import read_box_table
from ..formats.exchange.record import xyxy
from ..formats.image_set import read_image_set
from ..formats.json_kind import json_kind
from ..formats.mmtracking import TrackedVideo, read_cocovid, sequence_name
from ..formats.mmtracking_lists import read_sot_infos
from ..formats.output_path import check_output_name
from ..formats.schema import Id, check_distinct, id_order
from ..formats.tao_json import read_tao
from ..structures import open_video
from ..structures.box_ops import MAX_OBJECTS
from ..structures.open_video import find_video
from .box_video import BoxTrack, BoxVideo


def read_box_videos(
    boxes: str | Path, videos: str | Path, sequences: str | Path | None = None
) -> list[BoxVideo]:
    """Read videos with boxes, from a tracking benchmark or any supported file.

    - ``got10k``, ``lasot`` or ``trackingnet``: the benchmark itself, see
      :class:`~vosplug.datasets.tracking_benchmarks.TrackingBenchmark`, whose ``data_root`` is ``videos``.
      Frames with a line in the ground truth are labelled.
    - CSV with the columns ``video,frame,object,x1,y1,x2,y2`` and, optionally, ``category``. Boxes
      are in pixels, right and bottom exclusive, object ids 1..254, frames given by name, or in a video file
      by number, from 0. Frames with a box are labelled. ``<videos>/<video>`` is a folder of images, or a
      video file with its suffix.
    - YouTube-VIS JSON, with ``bboxes``; objects become 1..N in file order. All frames of ``file_names`` are
      labelled; they are relative to ``videos``.
    - TAO JSON (Dave et al. 2020): COCO's with ``videos`` and a ``track_id`` per annotation; objects
      become 1..N in the order of their track ids. The listed images are labelled.
    - CocoVID JSON of MMTracking and MMDetection, see :func:`~vosplug.formats.mmtracking.parse_cocovid`.
    - Info lists (``.txt``) of MMTracking 1.x, see
      :func:`~vosplug.formats.mmtracking_lists.read_sot_infos`; ``videos`` is the folder of the dataset, and
      videos are named as in their benchmark.

    Args:
        boxes: the file, or the benchmark's name.
        videos: folder of the videos.
        sequences: image set of the videos to read, which are named as in it: by their name, or by that of
            the sequence (``bear-2`` for ``bear/bear-2/img``). For a benchmark, whatever ``ann_file`` of its
            dataset takes. None: all.

    Raises:
        AnnotationError: no such file, of another layout, or without boxes; a video of ``sequences`` that is
            missing or ambiguous. Single unusable boxes (see :func:`why_unusable`) are not errors
            here.
    """
    benchmark = TRACKING_BENCHMARKS.get(str(boxes))
    boxes, videos = Path(boxes), Path(videos)
    if benchmark is not None:
        found = _read_benchmark(benchmark, videos, sequences)
    else:
        found = _read_file(boxes, videos)
        if sequences is not None:
            found = _chosen(found, boxes, sequences)
    _check_videos(found, boxes)
    return found


def _read_benchmark(
    benchmark: type[TrackingBenchmark], root: Path, sequences: str | Path | None
) -> list[BoxVideo]:
    ann_file = '' if sequences is None else str(Path(sequences).absolute())
    dataset = benchmark(str(root), ann_file=ann_file)
    records = (dataset.open_video(dataset.get_data_info(k)) for k in range(len(dataset)))
    return [_of_record(record, root) for record in records]


def _read_file(path: Path, root: Path) -> list[BoxVideo]:
    if path.suffix.lower() == '.csv':
        return _read_table(path, root)
    if path.suffix.lower() == '.txt':
        return [_of_tracking(video, video.sequence, path, root) for video in read_sot_infos(path, root)]
    kind = json_kind(path)
    if kind == 'ytvis':
        return _read_ytvis(path, root)
    if kind == 'cocovid':
        return [_of_tracking(video, video.name, path, root) for video in read_cocovid(path)]
    return _read_tao(path, root)


def _check_videos(videos: list[BoxVideo], boxes: Path) -> None:
    """Raise an AnnotationError unless labels can be made of the videos and written under their names."""
    if not any(video.num_boxes for video in videos):
        raise AnnotationError(f'{boxes}: contains no boxes; expected one per object and frame.')
    check_distinct((video.name for video in videos), boxes, 'video')
    for video in videos:
        if video.name == '.':
            raise AnnotationError(
                f'{boxes}: found frames directly in the folder of videos ({video.name!r}); expected a '
                'subfolder per video.'
            )
        for name in (video.name, *video.frames):
            check_output_name(name, str(boxes))
        if len(video.tracks) > MAX_OBJECTS:
            raise AnnotationError(
                f'{boxes}: video {video.name} has {len(video.tracks)} objects; an id mask holds at most '
                f'{MAX_OBJECTS}. Split the video.'
            )


def _chosen(videos: list[BoxVideo], boxes: Path, sequences: str | Path) -> list[BoxVideo]:
    found: dict[str, list[BoxVideo]] = {}
    for video in videos:
        found.setdefault(sequence_name(video.name), []).append(video)
    found |= {video.name: [video] for video in videos}
    names = read_image_set(sequences)
    missing = [name for name in names if name not in found]
    if missing:
        raise AnnotationError(
            f'{sequences}: {len(missing)} of {len(names)} videos are not in {boxes}, such as {missing[:3]}; '
            f'it has {[video.name for video in videos[:3]]}.'
        )
    for name in names:
        if len(found[name]) > 1:
            raise AnnotationError(
                f'{sequences}: {name} may be {" or ".join(video.name for video in found[name])} in {boxes}; '
                'add the folder to the name.'
            )
    return [replace(found[name][0], name=name) for name in names]


def _of_record(record: VideoRecord, root: Path) -> BoxVideo:
    """A video of a benchmark, whose frames stay where they are."""
    track = BoxTrack(str(OBJECT_ID))
    names, files = record.source.frame_names, {}
    for t in record.annotation.annotated_frames():
        files[names[t]] = record.source.frame_paths[t].relative_to(root).as_posix()  # type: ignore[attr-defined]
        if box := record.annotation.boxes(t):
            track.add(names[t], box[OBJECT_ID].tolist())
    return BoxVideo(record.name, list(files), files, {OBJECT_ID: track}, root)


def _of_tracking(video: TrackedVideo, name: str, path: Path, root: Path) -> BoxVideo:
    names = [Path(file).stem for file in video.frame_files]
    check_distinct(names, path, f'video {video.name}, frame')
    tracks = []
    for tracked in video.objects:
        track = BoxTrack(tracked.source_id, tracked.category)
        for t, box, visible in zip(tracked.frames, tracked.boxes, tracked.visible, strict=True):
            if visible:
                track.add(names[t], box)
        tracks.append(track)
    files = {names[t]: video.frame_files[t] for t in video.annotated}
    return BoxVideo(name, list(files), files, dict(enumerate(tracks, 1)), root)


def _read_table(path: Path, root: Path) -> list[BoxVideo]:
    tracks: dict[str, dict[int, BoxTrack]] = {}
    for row in read_box_table(path):
        objects = tracks.setdefault(row.video, {})
        track = objects.setdefault(row.object_id, BoxTrack(str(row.object_id), row.category))
        track.add(row.frame, row.box)
    return [_of_folder(name, objects, path, root) for name, objects in tracks.items()]


def _of_folder(name: str, objects: dict[int, BoxTrack], table: Path, root: Path) -> BoxVideo:
    path = find_video(root, name)
    if path is None:
        raise AnnotationError(
            f'{table}: video {name!r:.200} is not in {root}; expected a folder of images or a video file of '
            'that name. Add it, or remove its boxes.'
        )
    source = open_video(path)
    if is_file(path):
        for track in objects.values():
            track.boxes = _by_number(track.boxes)
    wanted = {frame for track in objects.values() for frame in track.boxes}
    frames = sorted(wanted, key=natural_key)
    suffixes = {p.stem: p.suffix for p in getattr(source, 'frame_paths', [])}
    files = {frame: f'{name}/{frame}{suffixes.get(frame, ".jpg")}' for frame in frames}
    return BoxVideo(name, frames, files, dict(sorted(objects.items())), root, path)


def _by_number(boxes: dict[str, list[np.ndarray]]) -> dict[str, list[np.ndarray]]:
    """Boxes by frame name as vosplug names the frames of a video file: ``7`` and ``007`` are ``00007``."""
    named: dict[str, list[np.ndarray]] = {}
    for frame, found in boxes.items():
        is_number = frame.isascii() and frame.isdecimal() and len(frame) < 10
        named.setdefault(f'{int(frame):05d}' if is_number else frame, []).extend(found)
    return named


def _read_ytvis(path: Path, root: Path) -> list[BoxVideo]:
    file = YTVISFile(path)
    found = []
    for video in file.videos:
        names = video.frame_names
        objects: dict[object, BoxTrack] = {}
        for k, entry in enumerate(file.tracks(video)):
            category = file.categories.get(entry.category_id, 'object')
            key = f'#{k}' if entry.id is None else entry.id
            track = objects.setdefault(key, BoxTrack(str(key), category))
            if entry.bboxes is None:
                raise AnnotationError(
                    f'{path}: annotation {key} of video {video.id} has no "bboxes"; add a box per frame, '
                    'null where the object is absent.'
                )
            for frame, box in zip(names, entry.bboxes, strict=True):
                if box is not None:
                    track.add(frame, xyxy(box))
        files = dict(zip(names, video.file_names, strict=True))
        found.append(BoxVideo(video.name, names, files, dict(enumerate(objects.values(), 1)), root))
    return found


def _read_tao(path: Path, root: Path) -> list[BoxVideo]:
    content = read_tao(path)
    tracks: dict[Id, dict[Id, BoxTrack]] = {video.id: {} for video in content.videos}
    for image, entry, category in content.boxes(path):
        key = entry.track_id
        track = tracks[image.video_id].setdefault(key, BoxTrack(str(key), category))
        track.add(Path(image.file_name).stem, xyxy(entry.bbox))
    found = []
    for video, images in content.frames().items():
        frames = [Path(image.file_name).stem for image in images]
        check_distinct(frames, path, f'video {video!r:.200}, frame')
        if frames:
            files = {frame: image.file_name for frame, image in zip(frames, images, strict=True)}
            name = Path(images[0].file_name).parent.as_posix()
            objects = [
                track for _, track in sorted(tracks[video].items(), key=lambda item: id_order(item[0]))
            ]
            found.append(BoxVideo(name, frames, files, dict(enumerate(objects, 1)), root))
    return found
