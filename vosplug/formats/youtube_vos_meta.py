"""Reader of YouTube-VOS' ``meta.json``."""

from pathlib import Path

from msgspec import Struct

from ..errors import AnnotationError
from ..structures.box_ops import MAX_OBJECTS
from .text_file import check_relative, read_json

_LAYOUT = 'that of meta.json, {"videos": {<video>: {"objects": {<id>: {"category": ...}}}}}'


class _Object(Struct, frozen=True):
    category: str | None = None


class _Video(Struct, frozen=True):
    objects: dict[str, _Object]


class _Content(Struct, frozen=True):
    videos: dict[str, _Video]


def read_meta(path: str | Path) -> dict[str, dict[int, str]]:
    """Read categories from a YouTube-VOS ``meta.json``: video -> object id -> category; may lack ids.

    Raises:
        AnnotationError: no such file, or of another layout.
    """
    content: _Content = read_json(path, _Content, _LAYOUT, 'meta.json not found; expected a file.')
    found = {}
    for name, video in content.videos.items():
        check_relative(name, f'{path}, videos')
        categories = {_object_id(i, name, path): o.category for i, o in video.objects.items()}
        found[name] = {i: category for i, category in categories.items() if category is not None}
    return found


def _object_id(text: str, video: str, path: str | Path) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_OBJECTS):
        raise AnnotationError(
            f'{path}: video {video}: object {text!r:.60}; expected ids 1..{MAX_OBJECTS}. Correct it.'
        )
    return int(text)
