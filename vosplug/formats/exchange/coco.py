"""COCO's instance JSON, of still images or of videos.

``bbox`` is x, y, width, height in pixels; crowds (``iscrowd``) are regions of several objects. COCO itself
has no videos: where every object has a ``track_id``, or one in ``attributes`` as CVAT writes it, the images
of a folder are the frames of a video. Otherwise every image is a video of one frame. Source:
https://cocodataset.org/#format-data.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ...errors import AnnotationError
from ...files import natural_key
from ..coco_json import COCOFile, COCOImage, COCOObject, read_coco
from ..rle import decode_mask, encode_mask, mask_area, mask_box
from ..schema import Id, category_names, check_listed
from ..text_file import write_compact_json
from .context import Context
from .record import NO_CATEGORY, AnnotatedObject, AnnotatedVideo, Box, number_objects, xywh, xyxy
from .ytvis import encoded


def read_coco_videos(path: Path, context: Context) -> list[AnnotatedVideo]:
    """Read a file; the listed images are annotated, crowds become void.

    Objects of videos keep their track ids if these are whole numbers from 1, and are numbered 1..N otherwise.

    Raises:
        AnnotationError: see :func:`~vosplug.formats.coco_json.read_coco`; an object of an image that is not
            listed, some objects with a track and some without, or an object twice in an image.
    """
    content = read_coco(path, masks=False)
    listed = {image.id for image in content.images}
    entries: dict[Id, list[COCOObject]] = defaultdict(list)
    for k, entry in enumerate(content.annotations):
        check_listed(entry.image_id, listed, f'{path}: annotations[{k}].image_id')
        entries[entry.image_id].append(entry)
    objects = [entry for entry in content.annotations if not entry.iscrowd]
    tracked = [entry for entry in objects if track_of(entry) is not None]
    if 0 < len(tracked) < len(objects):
        raise AnnotationError(
            f'{path}: {len(tracked)} of {len(objects)} objects have a track_id; expected all, for videos, '
            'or none, for still images.'
        )
    names = category_names(content.categories, path)
    if not tracked:
        return [_still(image, entries[image.id], names, path, context) for image in content.images]
    return _videos(content, entries, names, path, context)


def track_of(entry: COCOObject) -> Id | None:
    """Track id of an object of a video; None without one."""
    if entry.track_id is None and entry.attributes:
        return entry.attributes.track_id
    return entry.track_id


def _still(
    image: COCOImage, entries: list[COCOObject], names: dict[Id | None, str], path: Path, context: Context
) -> AnnotatedVideo:
    video = context.start_still(image.file_name, str(path), (image.height, image.width))
    for entry in entries:
        if entry.iscrowd:
            _add_void(video, 0, entry, path)
        else:
            category = names.get(entry.category_id, NO_CATEGORY)
            video.objects.append(AnnotatedObject(len(video.objects) + 1, category))
            _add(video, video.objects[-1], 0, entry, path)
    return video


def _videos(
    content: COCOFile,
    entries: dict[Id, list[COCOObject]],
    names: dict[Id | None, str],
    path: Path,
    context: Context,
) -> list[AnnotatedVideo]:
    folders: dict[str, list[COCOImage]] = defaultdict(list)
    for image in content.images:
        folders[PurePosixPath(image.file_name).parent.as_posix()].append(image)
    videos = []
    for folder, images in folders.items():
        images.sort(key=lambda image: natural_key(PurePosixPath(image.file_name).name))
        sizes = {(image.height, image.width) for image in images}
        if len(sizes) > 1:
            raise AnnotationError(
                f'{path}: the images in {folder!r:.200} have several sizes; frames of a video have one.'
            )
        video, frames = context.start_listed([image.file_name for image in images], str(path), sizes.pop())
        found = [(t, entry) for t, image in zip(frames, images, strict=True) for entry in entries[image.id]]
        _add_tracks(video, found, names, path, context)
        videos.append(video)
    return videos


def _add_tracks(
    video: AnnotatedVideo,
    found: list[tuple[int, COCOObject]],
    names: dict[Id | None, str],
    path: Path,
    context: Context,
) -> None:
    keys: list[Any] = [track_of(entry) for _, entry in found if not entry.iscrowd]
    usable = all(isinstance(key, int) and 1 <= key < 2**31 for key in keys)
    ids = {key: key for key in sorted(set(keys))} if usable else number_objects(keys)
    objects: dict[Any, AnnotatedObject] = {key: AnnotatedObject(number) for key, number in ids.items()}
    for t, entry in found:
        if entry.iscrowd:
            _add_void(video, t, entry, path)
            continue
        obj = objects[track_of(entry)]
        if t in obj.boxes:
            raise AnnotationError(
                f'{path}: annotation {entry.id!r:.60}: its track already has an annotation in frame '
                f'{video.frame_names[t]} of {video.name}. Keep one.'
            )
        category = names.get(entry.category_id, NO_CATEGORY)
        if not obj.boxes:
            obj.category = category
        context.check_category(obj.category, category)
        _add(video, obj, t, entry, path)
    video.objects = list(objects.values())


def _add(video: AnnotatedVideo, obj: AnnotatedObject, t: int, entry: COCOObject, path: Path) -> None:
    obj.boxes[t] = xyxy(entry.bbox)
    if entry.attributes and entry.attributes.occluded:
        obj.occluded.add(t)
    if (text := _mask(video, entry, path)) is not None:
        obj.masks[t] = text


def _add_void(video: AnnotatedVideo, t: int, entry: COCOObject, path: Path) -> None:
    text, size = _mask(video, entry, path), video.known_size()
    if text is not None:
        before = decode_mask(video.void[t], size) if t in video.void else np.zeros(size, bool)
        video.void[t] = encode_mask(before | decode_mask(text, size))


def _mask(video: AnnotatedVideo, entry: COCOObject, path: Path) -> str | None:
    """Checked mask; tools write an empty list of polygons for an object that only has a box."""
    if not entry.segmentation:
        return None
    return encoded(entry.segmentation, video.known_size(), f'{path}: annotation {entry.id!r:.60}')


def write_coco(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write the annotated frames as images; objects of videos with several frames have a ``track_id``.

    Masks are written as compressed run lengths, void as a crowd.

    Raises:
        AnnotationError: a video without a size.
    """
    names = sorted({obj.category for video in videos for obj in video.objects}) or [NO_CATEGORY]
    category_ids = {name: k for k, name in enumerate(names, 1)}
    images: list[dict] = []
    annotations: list[dict] = []
    stills = all(len(video.frame_names) == 1 for video in videos)
    for video in videos:
        height, width = video.known_size()
        image_ids = {t: len(images) + k for k, t in enumerate(video.annotated, 1)}
        images += [
            dict(id=k, file_name=video.frame_files[t], height=height, width=width)
            for t, k in image_ids.items()
        ]
        for obj in video.objects:
            for t, box in video.boxes(obj).items():
                entry = _entry(video, box, obj.masks.get(t))
                entry |= dict(image_id=image_ids[t], category_id=category_ids[obj.category], iscrowd=0)
                if not stills:
                    entry |= dict(track_id=obj.id)
                if t in obj.occluded:
                    entry |= dict(attributes=dict(occluded=True))
                annotations.append(dict(id=len(annotations) + 1, **entry))
        for t, void in video.void.items():
            entry = _entry(video, mask_box(void, video.known_size()), void)
            entry |= dict(image_id=image_ids[t], category_id=1, iscrowd=1)
            annotations.append(dict(id=len(annotations) + 1, **entry))
    categories = [dict(id=k, name=name) for name, k in category_ids.items()]
    write_compact_json(path, dict(images=images, annotations=annotations, categories=categories))


def _entry(video: AnnotatedVideo, box: Box, mask: str | None) -> dict[str, Any]:
    (height, width), stored = video.known_size(), xywh(box)
    if mask is None:
        return dict(bbox=stored, area=stored[2] * stored[3], segmentation=[])
    area = mask_area(mask, (height, width))
    return dict(bbox=stored, area=area, segmentation=dict(size=[height, width], counts=mask))
