"""Lists of sequences."""

from pathlib import Path

from ..errors import AnnotationError


def read_image_set(path: str | Path) -> list[str]:
    """Sequences of a list: a name per line, or DAVIS 2016's lines of file pairs.

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
    names = list(dict.fromkeys(Path(line).parent.name if '/' in line else line for line in lines))
    if not names:
        raise AnnotationError(f'{path}: image set is empty; expected a sequence per line.')
    return names
