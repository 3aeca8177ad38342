"""Reader of YouTube-VOS' ``meta.json``."""

from pathlib import Path

from msgspec import Struct

from .table import parse_object
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
        where = f'{path}: video {name}'
        categories = {parse_object(i, where): o.category for i, o in video.objects.items()}
        found[name] = {i: category for i, category in categories.items() if category is not None}
    return found
