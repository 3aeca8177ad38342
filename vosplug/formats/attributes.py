"""Reader of video attributes, such as occlusion or fast motion."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from ..errors import AnnotationError
from ..files import is_dir
from .schema import check_distinct
from .text_file import read_json, read_text, read_yaml


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
    if reader is None or is_dir(path):
        raise AnnotationError(
            f'{path}: expected a file that ends in {", ".join(_READERS)}, found '
            f'{"a folder" if is_dir(path) else f"suffix {path.suffix!r}"}. Flags without names cannot be '
            'read: DAVIS lists its attributes in several orders.'
        )
    attributes = reader(path)
    if not attributes:
        raise AnnotationError(f'{path}: expected attributes of sequences, found none.')
    return attributes


def _from_json(path: Path) -> dict[str, list[str]]:
    layout = '{"sequence": ["OCC", ..], ..}'
    return read_json(path, dict[str, list[str]], layout, 'attributes not found; expected a file.')


class _Sequence(Struct, frozen=True):
    name: str
    attributes: list[str]
    year: int | None = None


class _DBInfo(Struct, frozen=True):
    sequences: list[_Sequence]


def _from_db_info(path: Path) -> dict[str, list[str]]:
    info = read_yaml(path, _DBInfo, 'that of db_info.yaml, `sequences` (name, attributes)')
    kept = [entry for entry in info.sequences if entry.attributes or entry.year != 2017]
    check_distinct((entry.name for entry in kept), path, 'sequence')
    return {entry.name: entry.attributes for entry in kept}


def _from_table(path: Path) -> dict[str, list[str]]:
    head, *rows = [line.split() for line in read_text(path).splitlines() if line.strip()] or [[]]
    check_distinct(head, path, 'attribute')
    check_distinct((name for name, *_ in rows), path, 'sequence')
    attributes = {}
    for name, *flags in rows:
        if len(flags) != len(head) - 1 or not {'True', 'False'}.issuperset(flags):
            raise AnnotationError(
                f'{path}: sequence {name:.200}: expected {len(head) - 1} values, True or False, '
                f'found {flags!r:.200}.'
            )
        attributes[name] = [a for a, flag in zip(head[1:], flags, strict=True) if flag == 'True']
    return attributes


_READERS: dict[str, Callable[[Path], dict[str, list[str]]]] = {
    '.json': _from_json,
    '.yaml': _from_db_info,
    '.yml': _from_db_info,
    '.txt': _from_table,
}
