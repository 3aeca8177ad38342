"""Reader of video attributes, such as occlusion or fast motion."""

import json
from collections.abc import Callable
from pathlib import Path

from ..errors import AnnotationError


def read_attributes(path: str | Path) -> dict[str, list[str]]:
    """Read the attributes of every sequence of a dataset, from a file in one of three formats.

    * ``.json``: ``{"bear": ["DEF"], ..}``.
    * ``.yaml`` or ``.yml``: the ``db_info.yaml`` of DAVIS's Python tools. The sequences of 2017
      have empty lists there, since DAVIS never annotated them; they are skipped.
    * ``.txt``: the ``attributes.txt`` of DAVIS's Matlab tools, a table whose first line lists the
      attributes and whose other lines contain a sequence and ``True`` or ``False`` for each.

    Raises:
        AnnotationError: the file is missing, damaged or in another format.
    """
    path = Path(path)
    reader = _READERS.get(path.suffix)
    if reader is None or path.is_dir():
        raise AnnotationError(
            f'{path}: expected a file that ends in {", ".join(_READERS)}, found '
            f'{"a folder" if path.is_dir() else f"suffix {path.suffix!r}"}. Flags without names cannot be '
            'read: DAVIS lists its attributes in several orders.'
        )
    try:
        attributes = reader(path.read_text(encoding='utf-8'))
    except (OSError, ValueError) as error:
        raise AnnotationError(f'{path}: attributes cannot be read: {error}.') from error
    if not attributes:
        raise AnnotationError(f'{path}: expected attributes of sequences, found none.')
    return attributes


def _from_json(text: str) -> dict[str, list[str]]:
    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError(f'expected {{"sequence": ["OCC", ..], ..}}, found a {type(data).__name__}')
    return {name: _names(name, own) for name, own in data.items()}


def _from_db_info(text: str) -> dict[str, list[str]]:
    # imported only for this format
    import yaml

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(error) from error
    entries = data.get('sequences') if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise ValueError('expected a list `sequences`, found none')
    attributes = {}
    for i, entry in enumerate(entries):
        if not isinstance(entry, dict) or not {'name', 'attributes'} <= entry.keys():
            raise ValueError(f'sequence {i}: expected `name` and `attributes`, found {entry!r}')
        if entry['attributes'] or entry.get('year') != 2017:
            attributes[entry['name']] = _names(entry['name'], entry['attributes'])
    return attributes


def _from_table(text: str) -> dict[str, list[str]]:
    head, *rows = [line.split() for line in text.splitlines() if line.strip()] or [[]]
    attributes = {}
    for name, *flags in rows:
        if len(flags) != len(head) - 1 or not {'True', 'False'}.issuperset(flags):
            raise ValueError(f'sequence {name}: expected {len(head) - 1} of True and False, found {flags}')
        attributes[name] = [a for a, flag in zip(head[1:], flags, strict=True) if flag == 'True']
    return attributes


_READERS: dict[str, Callable[[str], dict[str, list[str]]]] = {
    '.json': _from_json,
    '.yaml': _from_db_info,
    '.yml': _from_db_info,
    '.txt': _from_table,
}


def _names(sequence: str, own: object) -> list[str]:
    if not isinstance(own, list) or not all(isinstance(a, str) for a in own):
        raise ValueError(f'sequence {sequence}: expected a list of names, found {own!r}')
    return own
