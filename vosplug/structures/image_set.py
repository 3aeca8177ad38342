"""Lists of sequences."""

from pathlib import Path

from ..errors import AnnotationError
from .image_file import IMAGE_SUFFIXES


def read_image_set(path: str | Path) -> list[str]:
    """Sequences of a list: a name per line, or DAVIS 2016's lines of file pairs.

    A name may have folders (TAO's ``LaSOT/zebra-14``); a line is a pair if it starts with a picture's path.

    Raises:
        AnnotationError: no such file, or no name in it.
    """
    path = Path(path)
    if not path.is_file():
        raise AnnotationError(
            f'{path}: image set not found; expected a file with a sequence per line (the ann_file of a '
            'dataset is relative to its data_root).'
        )
    lines = [line.split()[0] for line in path.read_text().splitlines() if line.strip()]
    names = list(dict.fromkeys(_sequence(line) for line in lines))
    if not names:
        raise AnnotationError(f'{path}: image set is empty; expected a sequence per line.')
    return names


def _sequence(entry: str) -> str:
    path = Path(entry)
    return path.parent.name if '/' in entry and path.suffix.lower() in IMAGE_SUFFIXES else entry
