"""Results as annotations in the formats of other programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from ...atomic import atomic_path
from ...formats.exchange import FORMATS, AnnotatedObject, AnnotatedVideo, Context
from ...formats.rle import encode_mask
from ...structures import ImageFolderSource
from .records import AddFrame, Output, TrackedFrame, TrackedVideo

# format -> file or folder
_TARGETS = {
    'coco': 'coco.json',
    'ytvis': 'ytvis.json',
    'cvat': 'cvat.xml',
    'label-studio': 'label-studio.json',
    'yolo-seg': 'yolo-seg',
    'mots': 'mots',
}


@contextmanager
def _open(path: Path, video: TrackedVideo, kind: str) -> Iterator[AddFrame]:
    """Write annotations object by object at the end; until then, masks are held as run lengths."""
    fps = None if video.fps is None else float(video.fps)
    record = AnnotatedVideo(video.name, [], [], video.size, fps=fps)
    objects: dict[int, AnnotatedObject] = {}

    def add(frame: TrackedFrame) -> None:
        result, t = frame.result, len(record.frame_names)
        record.frame_names.append(result.name)
        record.frame_files.append(_file(video, result.index, result.name))
        record.annotated.append(t)
        for i in frame.boxes:
            objects.setdefault(i, AnnotatedObject(i)).masks[t] = encode_mask(result.mask == i)

    yield add
    record.objects = [objects[i] for i in sorted(objects)]
    write = FORMATS[kind].write
    assert write is not None
    with atomic_path(path) as unfinished:
        write(unfinished, [record], Context())


def _file(video: TrackedVideo, index: int, name: str) -> str:
    """File of a frame, relative to the folder of videos; hypothetical for a video file."""
    if isinstance(video.source, ImageFolderSource):
        return f'{video.name}/{video.source.frame_paths[index].name}'
    return f'{video.name}/{name}.jpg'


ANNOTATIONS = {
    kind: Output(target, partial(_open, kind=kind), FORMATS[kind].title) for kind, target in _TARGETS.items()
}
