"""Findings of a scan of results, and the zip file written from it."""

import zipfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...atomic import atomic_path
from ...formats.output_path import check_output_name

# earliest time a zip file can store; a fixed time makes archives reproducible
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Problem:
    """Something wrong with a file or folder of the results.

    Attributes:
        path: the file or folder.
        what: what was found and what was expected.
        warning: whether a submission can still be made.
    """

    path: Path
    what: str
    warning: bool = False

    def __str__(self) -> str:
        return f'{self.path}: {self.what}'


@dataclass
class Scan:
    """Findings of a scan of results.

    Attributes:
        entries: name in the zip -> function that gives the file's bytes.
        problems: in the order they were found.
        rewritten: number of entries that differ from the file they come from.
    """

    entries: dict[str, Callable[[], bytes]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    rewritten: int = 0

    def problem(self, path: Path, what: str) -> None:
        """Add a problem that prevents a submission."""
        self.problems.append(Problem(path, what))

    def error(self, path: Path, error: Exception) -> None:
        """Add an error whose message begins with the path."""
        self.problem(path, str(error).removeprefix(str(path)).lstrip(':, '))

    def warn(self, path: Path, what: str) -> None:
        """Add a warning."""
        self.problems.append(Problem(path, what, warning=True))

    def warn_of_others(self, folder: Path, expected: Collection[str]) -> None:
        """Add a warning about unexpected files in a folder, except hidden ones."""
        others = sorted(p.name for p in visible(folder) if p.name not in expected)
        if others:
            names = ', '.join(others[:3]) + (', ...' if len(others) > 3 else '')
            self.warn(folder, f'{len(others)} files or folders the server does not expect, left out: {names}')


def visible(folder: Path) -> list[Path]:
    """Files and folders in a folder, without hidden ones such as ``.DS_Store``."""
    return [p for p in folder.iterdir() if not p.name.startswith('.')]


def write_zip(out: Path, entries: Mapping[str, Callable[[], bytes]]) -> None:
    """Write a zip file atomically; the same entries give the same bytes.

    PNGs are stored, since they are compressed; other files are deflated. One entry is held at a time.

    Args:
        out: target file; parent folders are created.
        entries: name -> function that gives the bytes.

    Raises:
        AnnotationError: a name that would be unpacked outside the target folder.
    """
    for name in entries:
        check_output_name(name)
    with atomic_path(out) as partial, zipfile.ZipFile(partial, 'w') as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, _TIME)
            # on any system: a regular Unix file, readable by all
            info.create_system, info.external_attr = 3, 0o100644 << 16
            info.compress_type = zipfile.ZIP_STORED if name.endswith('.png') else zipfile.ZIP_DEFLATED
            archive.writestr(info, entries[name]())
