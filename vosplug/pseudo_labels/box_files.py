"""Readers of boxes: tracking benchmarks, YouTube-VIS, TAO or CocoVID JSON, MMTracking's lists, or CSV."""

import csv
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from ..datasets.base_video_dataset import VideoRecord
from ..datasets.folder import VIDEO_SUFFIXES
from ..datasets.tracking_benchmarks import OBJECT_ID, TRACKING_BENCHMARKS
from ..errors import AnnotationError
from ..formats import YTVISFile
from ..formats.image_set import read_image_set
from ..formats.mmtracking import TrackedVideo, parse_cocovid, sequence_name
from ..formats.mmtracking_lists import read_sot_infos
from ..formats.text_file import read_json, read_lines
from ..structures import open_video
from ..structures.box_ops import MAX_OBJECTS
from ..structures.image_file import IMAGE_SUFFIXES
from ..structures.video_source import natural_key
from .box_video import BoxTrack, BoxVideo

COLUMNS = ('video', 'frame', 'object', 'x1', 'y1', 'x2', 'y2')


def read_box_videos(
    boxes: str | Path, videos: str | Path, sequences: str | Path | None = None
) -> list[BoxVideo]:
    """Read videos with boxes, from a tracking benchmark or any supported file.

    - ``got10k``, ``lasot`` or ``trackingnet``: the benchmark itself, see
      :class:`~vosplug.datasets.tracking_benchmarks.TrackingBenchmark`, whose ``data_root`` is ``videos``.
      Frames with a line in the ground truth are labelled.
    - CSV with the columns ``video,frame,object,x1,y1,x2,y2`` and, optionally, ``category``. Boxes
      are in pixels, right and bottom exclusive, object ids 1..254, frames given by name. Frames with a box
      are labelled. ``<videos>/<video>`` is a folder of images, or a video file with its suffix.
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
            not there, or is one of several. Single unusable boxes (see :func:`why_unusable`) are not errors
            here.
    """
    benchmark = TRACKING_BENCHMARKS.get(str(boxes))
    boxes, videos = Path(boxes), Path(videos)
    if benchmark is not None:
        ann_file = '' if sequences is None else str(Path(sequences).absolute())
        dataset = benchmark(str(videos), ann_file=ann_file)
        records = (dataset.open_video(dataset.get_data_info(k)) for k in range(len(dataset)))
        found = [_of_record(record, videos) for record in records]
    elif boxes.suffix.lower() == '.csv':
        found = _read_table(boxes, videos)
    elif boxes.suffix.lower() == '.txt':
        listed = read_sot_infos(boxes, videos)
        found = [_of_tracking(video, video.sequence, boxes, videos) for video in listed]
    else:
        found = _read_json(boxes, videos)
    if sequences is not None and benchmark is None:
        found = _chosen(found, boxes, sequences)
    if not any(video.num_boxes for video in found):
        raise AnnotationError(f'{boxes}: no boxes in it; expected one per object and frame.')
    _check_names([video.name for video in found], boxes)
    for video in found:
        if len(video.tracks) > MAX_OBJECTS:
            raise AnnotationError(
                f'{boxes}: video {video.name} has {len(video.tracks)} objects; an id mask holds at most '
                f'{MAX_OBJECTS}. Split the video.'
            )
    return found


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
                'name the folder.'
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


def _read_json(path: Path, root: Path) -> list[BoxVideo]:
    content = read_json(path)
    if not isinstance(content, dict) or 'images' not in content:
        return _read_ytvis(path, root)
    entries = content.get('annotations')
    if isinstance(entries, list) and any(isinstance(e, dict) and 'instance_id' in e for e in entries):
        return [_of_tracking(video, video.name, path, root) for video in parse_cocovid(content, path)]
    return _read_tao(content, path, root)


def _of_tracking(video: TrackedVideo, name: str, path: Path, root: Path) -> BoxVideo:
    names = [Path(file).stem for file in video.frame_files]
    _check_unique(names, path, f'video {video.name}')
    tracks = []
    for tracked in video.objects:
        track = BoxTrack(tracked.source_id, tracked.category)
        for t, box, visible in zip(tracked.frames, tracked.boxes, tracked.visible, strict=True):
            if visible:
                track.add(names[t], box)
        tracks.append(track)
    files = {names[t]: video.frame_files[t] for t in video.annotated}
    return BoxVideo(name, list(files), files, _numbered(tracks), root)


def _read_table(path: Path, root: Path) -> list[BoxVideo]:
    table = csv.DictReader(read_lines(path))
    missing = [name for name in COLUMNS if name not in (table.fieldnames or [])]
    if missing:
        raise AnnotationError(
            f'{path}: lacks the columns {missing}; expected a first line {",".join(COLUMNS)} (and, '
            f'optionally, category), found {table.fieldnames}.'
        )
    tracks: dict[str, dict[int, BoxTrack]] = {}
    for row in table:
        where = f'{path}, line {table.line_num}'
        try:
            object_id, box = int(row['object']), [float(row[name]) for name in COLUMNS[3:]]
        except (TypeError, ValueError):
            raise AnnotationError(
                f'{where}: expected a whole number as object and four numbers x1, y1, x2, y2, found '
                f'{[row[name] for name in COLUMNS[2:]]}.'
            ) from None
        if not 1 <= object_id <= MAX_OBJECTS:
            raise AnnotationError(f'{where}: object {object_id}; ids must lie in 1..{MAX_OBJECTS}.')
        objects = tracks.setdefault(row['video'], {})
        track = objects.setdefault(object_id, BoxTrack(str(object_id), row.get('category') or 'object'))
        track.add(_frame_name(row['frame']), box)
    return [_of_folder(name, objects, path, root) for name, objects in tracks.items()]


def _frame_name(text: str) -> str:
    """Name of a frame that is given by its name or file name."""
    path = PurePosixPath(text)
    return path.stem if path.suffix.lower() in IMAGE_SUFFIXES else text


def _of_folder(name: str, objects: dict[int, BoxTrack], table: Path, root: Path) -> BoxVideo:
    candidates = [root / name, *(root / f'{name}{suffix}' for suffix in VIDEO_SUFFIXES)]
    path = next((p for p in candidates if p.exists()), None)
    if path is None:
        raise AnnotationError(
            f'{table}: video {name!r} is not in {root}; expected a folder of images or a video file of '
            'that name. Add it, or remove its boxes.'
        )
    source = open_video(path)
    wanted = {frame for track in objects.values() for frame in track.boxes}
    frames = sorted(wanted, key=natural_key)
    suffixes = {p.stem: p.suffix for p in getattr(source, 'frame_paths', [])}
    files = {frame: f'{name}/{frame}{suffixes.get(frame, ".jpg")}' for frame in frames}
    return BoxVideo(name, frames, files, dict(sorted(objects.items())), root, path)


def _read_ytvis(path: Path, root: Path) -> list[BoxVideo]:
    file = YTVISFile(path)
    found = []
    for video in file.videos:
        names = [Path(name).stem for name in video['file_names']]
        _check_unique(names, path, f'video {video["id"]}')
        objects: dict[object, BoxTrack] = {}
        for k, entry in enumerate(file.tracks(video)):
            category = file.categories.get(entry.get('category_id'), 'object')
            key = entry.get('id', f'#{k}')
            track = objects.setdefault(key, BoxTrack(str(key), category))
            if entry.get('bboxes') is None:
                raise AnnotationError(
                    f'{path}: annotation {key} of video {video["id"]} has no "bboxes"; add a box per frame, '
                    'null where the object is absent.'
                )
            for frame, box in zip(names, entry['bboxes'], strict=True):
                if box is not None:
                    track.add(frame, _xyxy(box, path, f'annotation {key}, frame {frame}'))
        files = dict(zip(names, video['file_names'], strict=True))
        name = Path(video['file_names'][0]).parent.as_posix()
        found.append(BoxVideo(name, names, files, _numbered(objects.values()), root))
    return found


def _read_tao(content: dict, path: Path, root: Path) -> list[BoxVideo]:
    try:
        names = {c['id']: c['name'] for c in content.get('categories', [])}
        images: dict[int, list[dict]] = {video['id']: [] for video in content['videos']}
        for image in content['images']:
            images[image['video_id']].append(image)
        frame_of = {image['id']: image for image in content['images']}
        tracks: dict[int, dict[int, BoxTrack]] = {video: {} for video in images}
        for entry in content['annotations']:
            image, key = frame_of[entry['image_id']], entry['track_id']
            category = names.get(entry.get('category_id'), 'object')
            track = tracks[image['video_id']].setdefault(key, BoxTrack(str(key), category))
            frame = Path(image['file_name']).stem
            track.add(frame, _xyxy(entry['bbox'], path, f'annotation {entry.get("id")}'))
        found = []
        for video in content['videos']:
            listed = sorted(images[video['id']], key=lambda i: i.get('frame_index', i['file_name']))
            frames = [Path(image['file_name']).stem for image in listed]
            _check_unique(frames, path, f'video {video["id"]}')
            if frames:
                files = {frame: image['file_name'] for frame, image in zip(frames, listed, strict=True)}
                name = Path(listed[0]['file_name']).parent.as_posix()
                objects = [track for _, track in sorted(tracks[video['id']].items())]
                found.append(BoxVideo(name, frames, files, _numbered(objects), root))
    except (KeyError, TypeError, AttributeError) as error:
        raise AnnotationError(
            f'{path}: expected TAO\'s "videos" (id), "images" (id, video_id, file_name) and "annotations" '
            f'(image_id, track_id, bbox), found something else ({type(error).__name__}: {error}).'
        ) from None
    return found


def _check_names(names: list[str], path: Path) -> None:
    """Check that names can become distinct folders below the labels' folder."""
    _check_unique(names, path, 'the file')
    for name in names:
        parts = PurePosixPath(name).parts
        if not parts or '..' in parts or PurePosixPath(name).is_absolute():
            raise AnnotationError(
                f'{path}: video {name!r}; expected frames in a folder per video, below the folder of videos.'
            )


def _numbered(tracks: Iterable[BoxTrack]) -> dict[int, BoxTrack]:
    return dict(enumerate(tracks, 1))


def _check_unique(names: list[str], path: Path, video: str) -> None:
    if len(set(names)) < len(names):
        twice = next(name for k, name in enumerate(names) if name in names[:k])
        raise AnnotationError(f'{path}: {video} lists {twice} twice; names must be unique.')


def _xyxy(box: Any, path: Path, where: str) -> list[float]:
    try:
        x, y, width, height = map(float, box)
    except (TypeError, ValueError):
        raise AnnotationError(f'{path}: {where}: expected x, y, width, height, found {box}.') from None
    return [x, y, x + width, y + height]
