"""Conversion of annotations from one format to another."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...atomic import atomic_path
from ...errors import AnnotationError, ConfigError, OutputError
from ...files import is_dir, is_file, shown_path
from ..rle import mask_box
from ..schema import LARGEST, check_distinct
from .context import Context
from .record import NO_CATEGORY, AnnotatedVideo
from .table import FORMATS, SINGLE_OBJECT, Format, format_by_name, format_by_suffix, guess_format, writable


@dataclass(frozen=True)
class Summary:
    """Summary of a conversion.

    Attributes:
        source: name of the format read.
        target: name of the format written.
        videos: their number.
        objects: of all videos.
        frames: annotated frames.
        boxes: of the source, including those that its keyframes expand to.
        masks: likewise.
        dropped: what the target cannot hold -> how often.
    """

    source: str
    target: str
    videos: int
    objects: int
    frames: int
    boxes: int
    masks: int
    dropped: dict[str, int] = field(default_factory=dict)


def convert(
    source: str | Path,
    target: str | Path,
    source_format: str | None = None,
    target_format: str | None = None,
    videos: str | Path | None = None,
    size: tuple[int, int] | None = None,
) -> Summary:
    """Convert annotations to another format; see ``docs/annotation_formats.md``.

    Args:
        source: file or folder.
        target: file or folder to write; a folder must be new or empty. It appears once complete.
        source_format: name in :data:`FORMATS`; None: inferred from the file, where possible.
        target_format: name in :data:`FORMATS`; None: inferred from the suffix, where possible.
        videos: folder of the videos; see :class:`~vosplug.formats.exchange.context.Context`.
        size: (H, W) of all videos, where neither annotations nor ``videos`` determine it.

    Raises:
        ConfigError: an unknown format, or one that cannot be inferred.
        AnnotationError: the source is missing or damaged, or the target would misrepresent it.
        VideoError: a video is missing or damaged.
        OutputError: the target cannot be written.
    """
    source, target = Path(source), Path(target)
    if not os.path.exists(source):
        raise AnnotationError(
            f'{shown_path(source)}: no such file or folder of annotations. Correct the path.'
        )
    source_format = source_format or guess_format(source)
    target_format = target_format or format_by_suffix(target)
    reader, writer = format_by_name(source_format), format_by_name(target_format)
    if writer.write is None:
        raise ConfigError(f'{target_format}: can only be read; write one of {", ".join(writable())}.')
    _check_target(source, target, writer)
    context = Context(None if videos is None else Path(videos), size)
    found = reader.read(source, context)
    check_distinct((video.name for video in found), source, 'video')
    numbers = write_all(target, found, target_format, context)
    return Summary(source_format, target_format, **numbers, dropped=dict(sorted(context.dropped.items())))


def write_all(target: Path, videos: Sequence[AnnotatedVideo], name: str, context: Context) -> dict[str, int]:
    """Write videos in a format, all or nothing, and count what it cannot hold.

    Args:
        target: file or folder.
        videos: to write; boxes without an area, and objects without a box or mask, are removed.
        name: of a writable format.
        context: of the conversion.

    Returns:
        dict: the numbers of :class:`Summary`.

    Raises:
        AnnotationError: nothing to write, or something that the format cannot express.
        OutputError: the target cannot be written.
    """
    _clean(videos, context)
    if not any(video.objects for video in videos):
        raise AnnotationError(
            f'{target}: the source has no object with a box or mask; there is nothing to write.'
        )
    numbers = _count(videos)
    _note_losses(videos, name, context)
    write = format_by_name(name).write
    assert write is not None
    with atomic_path(target) as partial:
        write(partial, videos, context)
    return numbers


def _check_target(source: Path, target: Path, writer: Format) -> None:
    if target.exists() and source.exists() and target.samefile(source):
        raise OutputError(f'{target}: is also the source. Write to another file or folder.')
    if writer.suffix and target.suffix.lower() != writer.suffix:
        raise ConfigError(f'{target}: this format is written as a file whose name ends in {writer.suffix}.')
    if is_dir(target) and any(target.iterdir()):
        raise OutputError(f'{target}: is a folder with files in it. Choose another, or remove them.')
    if is_file(target) and not (writer.suffix or target.suffix.lower() == '.xml'):
        raise OutputError(f'{target}: is a file; this format is written as a folder. Choose another name.')


def _clean(videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Drop boxes without an area, and objects without a box or mask."""
    for video in videos:
        for obj in video.objects:
            bad = [t for t, box in obj.boxes.items() if not _has_area(box)]
            for t in bad:
                del obj.boxes[t]
            context.drop('boxes without an area', len(bad))
        shown = [obj for obj in video.objects if obj.boxes or obj.masks]
        context.drop('objects without a box or mask', len(video.objects) - len(shown))
        video.objects = shown


def _has_area(box: Sequence[float]) -> bool:
    x1, y1, x2, y2 = box
    return bool(np.abs(box).max() <= LARGEST and x2 > x1 and y2 > y1)


def _count(videos: Sequence[AnnotatedVideo]) -> dict[str, int]:
    objects = [obj for video in videos for obj in video.objects]
    return dict(
        videos=len(videos),
        objects=len(objects),
        frames=sum(len(video.annotated) for video in videos),
        boxes=sum(len(obj.boxes) for obj in objects),
        masks=sum(len(obj.masks) for obj in objects),
    )


def _note_losses(videos: Sequence[AnnotatedVideo], name: str, context: Context) -> None:
    """Count what a format cannot hold; losses that its writer decides on are counted there."""
    keeps, objects = FORMATS[name].keeps, [(video, obj) for video in videos for obj in video.objects]
    boxes_alone = sum(len(set(obj.boxes) - set(obj.masks)) for _, obj in objects)
    masks = sum(len(obj.masks) for _, obj in objects)
    if 'boxes' not in keeps and not masks:
        raise AnnotationError(
            f'{name} holds masks, the source has boxes only. Convert them with '
            '--to csv, then make masks from that file with vosplug label.'
        )
    if 'masks' not in keeps:
        context.drop('masks (their boxes are kept)', masks)
    elif 'both' not in keeps:
        loose = sum(
            _is_loose(box, obj.masks[t], video.known_size())
            for video, obj in objects
            for t, box in obj.boxes.items()
            if t in obj.masks
        )
        context.drop('boxes that are not tight around their mask', loose)
    if 'boxes' not in keeps:
        context.drop('boxes without a mask (their inside becomes void)', boxes_alone)
    if 'void' not in keeps:
        context.drop('void masks (their pixels become background)', sum(len(video.void) for video in videos))
    if 'occluded' not in keeps:
        context.drop('occlusion flags', sum(len(obj.occluded) for _, obj in objects))
    if 'categories' not in keeps and name != 'mots':
        context.drop('categories of objects', sum(obj.category != NO_CATEGORY for _, obj in objects))
    if 'ids' not in keeps:
        changed = sum(obj.id != k for video in videos for k, obj in enumerate(video.objects, 1))
        context.drop('object ids, renumbered 1..N', changed)
    if 'frames' not in keeps and name not in (*SINGLE_OBJECT, 'csv'):
        context.drop(
            'frames marked as not annotated', sum(len(v.frame_names) - len(v.annotated) for v in videos)
        )
    if 'empty' not in keeps:
        shown = sum(len({t for obj in video.objects for t in obj.frames}) for video in videos)
        context.drop(
            'annotated frames without objects', sum(len(video.annotated) for video in videos) - shown
        )


def _is_loose(box: Sequence[float], mask: str, size: tuple[int, int]) -> bool:
    return bool(np.abs(np.subtract(mask_box(mask, size), box)).max() > 1e-3)
