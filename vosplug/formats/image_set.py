"""Reader of image sets (lists of sequences)."""

from pathlib import Path

from ..errors import AnnotationError
from ..structures.image_file import IMAGE_SUFFIXES
from .text_file import check_relative, read_text

_MISSING = (
    'image set not found; expected a file with a sequence per line (the ann_file of a dataset is relative to '
    'its data_root).'
)


def read_image_set(path: str | Path) -> list[str]:
    """Read an image set: one sequence name per line, or DAVIS 2016's lines of file pairs.

    Names may contain folders (TAO's ``LaSOT/zebra-14``) and spaces; a line is a pair if it starts with an
    image path. An asterisk before a name (SegTrack v2's ``all.txt``) is dropped.

    Raises:
        AnnotationError: no such file, no name in it, or one that is absolute or contains ``..``.
    """
    lines = (line.strip().removeprefix('*') for line in read_text(path, _MISSING).splitlines())
    names = list(dict.fromkeys(_sequence(line) for line in lines if line))
    for name in names:
        check_relative(name, str(path))
    if not names:
        raise AnnotationError(f'{path}: image set is empty; expected a sequence per line.')
    return names


def _sequence(line: str) -> str:
    first = line.split()[0]
    path = Path(first)
    return path.parent.name if '/' in first and path.suffix.lower() in IMAGE_SUFFIXES else line
