"""Detection of the format of JSON annotations."""

from pathlib import Path

from msgspec import UNSET, Raw, Struct, UnsetType

from .text_file import read_json

_LAYOUT = 'that of YouTube-VIS, TAO, CocoVID or COCO, with "annotations", or a list of Label Studio\'s tasks'


class _Entry(Struct):
    instance_id: Raw | UnsetType = UNSET


class _Content(Struct):
    images: Raw | UnsetType = UNSET
    videos: Raw | UnsetType = UNSET
    annotations: list[_Entry] = []


def json_kind(path: str | Path) -> str:
    """Format of a JSON file: ``ytvis``, ``tao``, ``cocovid``, ``coco`` or ``label-studio``.

    Raises:
        AnnotationError: no such file, not JSON, or none of these.
    """
    content = read_json(path, _Content | list[Raw], _LAYOUT)
    if isinstance(content, list):
        return 'label-studio'
    if content.images is UNSET:
        return 'ytvis'
    if any(entry.instance_id is not UNSET for entry in content.annotations):
        return 'cocovid'
    return 'coco' if content.videos is UNSET else 'tao'
