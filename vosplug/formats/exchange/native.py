"""vosplug's own formats: folders of indexed PNG, as in DAVIS, and boxes as CSV."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...errors import AnnotationError
from ...files import is_dir, natural_key, walk_folders
from ...structures.box_ops import MAX_OBJECTS, VOID, fill_box, merge_object_masks
from ..box_table import TableRow, read_box_table, write_box_table
from ..mask_folder import MaskFolderAnnotation, write_id_mask
from ..output_path import output_path
from ..rle import decode_mask, encode_mask
from ..text_file import write_lines
from .context import Context
from .record import AnnotatedObject, AnnotatedVideo

ANNOTATIONS = 'Annotations'


def read_davis(path: Path, context: Context) -> list[AnnotatedVideo]:
    """Read folders of indexed PNG, ``<video>/<frame>.png``, below a folder or its folder ``Annotations``.

    Frames with a mask are annotated; objects keep their ids, and void stays void.

    Raises:
        AnnotationError: no masks, damaged ones, or masks of several sizes in a video.
    """
    root = path / ANNOTATIONS if is_dir(path / ANNOTATIONS) else path
    videos = []
    for folder, _, files in walk_folders(root, AnnotationError):
        frames = sorted((Path(file).stem for file in files if file.lower().endswith('.png')), key=natural_key)
        if frames:
            name = folder.relative_to(root).as_posix()
            videos.append(_masks(folder, name if name != '.' else root.absolute().name, frames, context))
    if not videos:
        raise AnnotationError(f'{path}: no masks, <video>/<frame>.png, in this folder.')
    return videos


def _masks(folder: Path, name: str, frames: list[str], context: Context) -> AnnotatedVideo:
    annotation = MaskFolderAnnotation(folder, frames)
    masks = ((frame, annotation.read(frame)) for frame in frames)
    size = annotation.read(frames[0]).shape
    video, indices = context.start_annotated(name, frames, str(folder), size)
    objects: dict[int, AnnotatedObject] = {}
    for t, (frame, mask) in zip(indices, masks, strict=True):
        if mask.shape != size:
            raise AnnotationError(
                f'{folder}: the mask of frame {frame} is {mask.shape[1]}x{mask.shape[0]}, others are '
                f'{size[1]}x{size[0]}. Masks of a video have one size.'
            )
        for i in np.unique(mask[mask > 0]).tolist():
            text = encode_mask(mask == i)
            if i == VOID:
                video.void[t] = text
            else:
                objects.setdefault(i, AnnotatedObject(i)).masks[t] = text
    video.objects = [objects[i] for i in sorted(objects)]
    return video


def write_davis(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write ``Annotations/<video>/<frame>.png`` of the annotated frames, and ``videos.txt``, an image set.

    Where masks overlap, the smaller object is in front; a box without a mask becomes void.

    Raises:
        AnnotationError: more objects in a video than an id mask holds, or no size.
    """
    for video in videos:
        ids, size = small_ids(video, context), video.known_size()
        for t in video.annotated:
            masks = {ids[obj.id]: mask for obj in video.objects if (mask := video.mask(obj, t)) is not None}
            merged = merge_object_masks(masks, size)
            lost = sum(int(mask.sum()) for mask in masks.values()) - int((merged > 0).sum())
            context.drop('pixels of masks below other masks', lost)
            for obj in video.objects:
                if t in obj.boxes and t not in obj.masks:
                    merged[fill_box(obj.boxes[t], size) & (merged == 0)] = VOID
            if t in video.void:
                merged[decode_mask(video.void[t], size) & (merged == 0)] = VOID
            write_id_mask(output_path(path, ANNOTATIONS, video.name, f'{video.frame_names[t]}.png'), merged)
    write_lines(path / 'videos.txt', [video.name for video in videos if video.annotated])


def small_ids(video: AnnotatedVideo, context: Context) -> dict[int, int]:
    """Ids that fit in an id mask: the objects' own, or 1..N if one is too large.

    Raises:
        AnnotationError: more objects than it can hold.
    """
    if len(video.objects) > MAX_OBJECTS:
        raise AnnotationError(
            f'video {video.name}: has {len(video.objects)} objects; an id mask holds at most {MAX_OBJECTS}. '
            'Split the video.'
        )
    ids = [obj.id for obj in video.objects]
    if max(ids, default=0) <= MAX_OBJECTS:
        return {i: i for i in ids}
    context.drop(
        f'object ids above {MAX_OBJECTS}, whose videos are numbered 1..N', sum(i > MAX_OBJECTS for i in ids)
    )
    return {i: k for k, i in enumerate(ids, 1)}


def read_boxes(path: Path, context: Context) -> list[AnnotatedVideo]:
    """Read the box CSV of :mod:`vosplug.formats.box_table`; frames with a box are annotated.

    Raises:
        AnnotationError: not this format, or an object twice in a frame.
    """
    tables: dict[str, list[TableRow]] = {}
    for row in read_box_table(path):
        tables.setdefault(row.video, []).append(row)
    videos = []
    for name, rows in tables.items():
        frames = sorted({row.frame for row in rows}, key=natural_key)
        video, indices = context.start_annotated(name, frames, str(path))
        index, objects = dict(zip(frames, indices, strict=True)), dict[int, AnnotatedObject]()
        for row in rows:
            obj = objects.setdefault(row.object_id, AnnotatedObject(row.object_id, row.category))
            context.check_category(obj.category, row.category)
            if index[row.frame] in obj.boxes:
                raise AnnotationError(
                    f'{path}: video {name}, object {row.object_id} is listed twice in frame {row.frame}; '
                    'expected once.'
                )
            obj.boxes[index[row.frame]] = row.box
        video.objects = [objects[i] for i in sorted(objects)]
        videos.append(video)
    return videos


def write_boxes(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write the box CSV that ``vosplug label`` reads.

    Raises:
        AnnotationError: more objects in a video than an id mask holds.
    """
    rows = []
    for video in videos:
        ids = small_ids(video, context)
        for t in video.annotated:
            for obj in video.objects:
                if (box := video.box(obj, t)) is not None:
                    rows.append(TableRow(video.name, video.frame_names[t], ids[obj.id], box, obj.category))
    write_box_table(path, rows)
