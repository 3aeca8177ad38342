"""Writer of CVAT for video 1.1; see :mod:`vosplug.formats.exchange.cvat` for the format."""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

import numpy as np

from ...atomic import atomic_path
from ...errors import AnnotationError
from ..output_path import output_path
from ..rle import row_runs
from .context import Context
from .record import AnnotatedObject, AnnotatedVideo


def write_cvat(path: Path, videos: Sequence[AnnotatedVideo], context: Context) -> None:
    """Write one video to an XML file, or each video to its own in a folder.

    A track holds masks if all of its frames have one, and otherwise boxes.

    Raises:
        AnnotationError: several videos for one file, or one without a size.
    """
    if path.suffix.lower() != '.xml':
        for video in videos:
            _write_file(output_path(path, f'{video.name}.xml'), video, context)
    elif len(videos) == 1:
        _write_file(path, videos[0], context)
    else:
        raise AnnotationError(
            f'CVAT takes one video per file, and there are {len(videos)}. Write to a folder: give a name '
            'without .xml.'
        )


def _write_file(path: Path, video: AnnotatedVideo, context: Context) -> None:
    height, width = video.known_size()
    root = Element('annotations')
    SubElement(root, 'version').text = '1.1'
    task = SubElement(SubElement(root, 'meta'), 'task')
    for tag, text in dict(
        id='0', name=video.name, size=len(video.frame_names), mode='interpolation', start_frame=0,
        stop_frame=len(video.frame_names) - 1, frame_filter='',
    ).items():  # fmt: skip
        SubElement(task, tag).text = str(text)
    labels, original = SubElement(task, 'labels'), SubElement(task, 'original_size')
    for name in sorted({obj.category for obj in video.objects}):
        SubElement(SubElement(labels, 'label'), 'name').text = name
    SubElement(original, 'width').text, SubElement(original, 'height').text = str(width), str(height)
    for k, obj in enumerate(video.objects):
        track = SubElement(root, 'track', id=str(k), label=obj.category, source='manual')
        if set(obj.boxes) - set(obj.masks):
            context.drop('masks of objects that also have boxes alone', len(obj.masks))
            _write_boxes(track, obj, video)
        else:
            _write_masks(track, obj, video)
    indent(root)
    _check_text(root, video.name)
    with atomic_path(path) as partial:
        ElementTree(root).write(partial, 'utf-8', xml_declaration=True)


def _write_boxes(track: Element, obj: AnnotatedObject, video: AnnotatedVideo) -> None:
    box, boxes = (), video.boxes(obj)
    for t, there in _states(list(boxes), video):
        box = boxes.get(t, box)
        corners = zip(('xtl', 'ytl', 'xbr', 'ybr'), map(repr, map(float, box)), strict=True)
        SubElement(track, 'box', _state(obj, t, there), **dict(corners), z_order='0')


def _write_masks(track: Element, obj: AnnotatedObject, video: AnnotatedVideo) -> None:
    attributes: dict[str, str] = {}
    for t, there in _states(obj.frames, video):
        if there:
            mask = video.mask(obj, t)
            assert mask is not None
            rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
            part = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            attributes = dict(
                rle=', '.join(map(str, row_runs(part))), left=str(columns[0]), top=str(rows[0]),
                width=str(part.shape[1]), height=str(part.shape[0]),
            )  # fmt: skip
        SubElement(track, 'mask', _state(obj, t, there), **attributes, z_order='0')


def _states(shown: list[int], video: AnnotatedVideo) -> list[tuple[int, bool]]:
    """Frames to list, and whether the object is present: those that show it, and the first after a span."""
    there, states = set(shown), [(t, True) for t in shown]
    annotated = video.annotated
    states += [
        (after, False)
        for t, after in zip(annotated, annotated[1:], strict=False)
        if t in there and after not in there
    ]
    if shown and shown[-1] + 1 < len(video.frame_names) and shown[-1] == annotated[-1]:
        states.append((shown[-1] + 1, False))
    return sorted(states)


def _state(obj: AnnotatedObject, t: int, there: bool) -> dict[str, str]:
    return dict(frame=str(t), outside=str(int(not there)), occluded=str(int(t in obj.occluded)), keyframe='1')


def _check_text(root: Element, name: str) -> None:
    for element in root.iter():
        for text in (element.text or '', *element.attrib.values()):
            if re.search('[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]', text):
                raise AnnotationError(
                    f'video {name}: XML cannot hold the characters of {text!r:.200}. Rename it.'
                )
