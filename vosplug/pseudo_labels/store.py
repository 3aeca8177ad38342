"""File layout of a set of labels; reads and writes the record of finished work."""

import hashlib
import json
import logging
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from mmengine.logging import print_log

from ..atomic import atomic_path
from ..errors import OutputError
from ..formats.output_path import output_path

# of a state file; the content's hash precedes it, at a fixed offset
_HEAD, _BETWEEN, _TAIL = b'{"sha256":"', b'","content":', b'}\n'


def dump(content: object) -> str:
    """Canonical JSON: the same content gives the same bytes."""
    return json.dumps(content, sort_keys=True, separators=(',', ':')) + '\n'


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failed write into an error that names the path.

    Raises:
        OutputError: a full disk, a read-only folder, or anything else that the system refuses.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(
            f'{path}: cannot be written ({error.strerror or error}). Free space on the disk or correct its '
            'permissions, then run the same command again: what is finished is kept.'
        ) from error


class LabelStore:
    """The folder of a set of labels.

    State files (``work/<kind>``) carry a hash of their content, so that a damaged one is noticed. They lie in
    subfolders by the hash of the video's name: a folder stays small whatever the number of videos, and any
    name gives a valid file name.

    Args:
        out: the folder.
    """

    def __init__(self, out: str | Path) -> None:
        self.out = Path(out)

    def annotations(self, video: str) -> Path:
        """Folder of a video's masks."""
        return output_path(self.out / 'Annotations', video)

    def state(self, kind: str, video: str) -> Path:
        """State file of a video."""
        name = hashlib.sha256(video.encode()).hexdigest()
        return self.out / 'work' / kind / name[:2] / name[2:4] / f'{name[4:36]}.json'

    def read_state(self, kind: str, video: str) -> Any | None:
        """Content of a state file; None if there is none, or it is damaged, which is logged."""
        path = self.state(kind, video)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        start = len(_HEAD) + 64 + len(_BETWEEN)
        content = data[start : -len(_TAIL)]
        if data != _sealed(content):
            print_log(f'{path}: damaged; {kind} of video {video} is made again.', 'current', logging.WARNING)
            return None
        return json.loads(content)

    def write_state(self, kind: str, video: str, content: object) -> None:
        """Write a state file, atomically."""
        self.write(self.state(kind, video), _sealed(dump(content).encode()))

    def write(self, path: Path, data: bytes) -> None:
        """Write a file, atomically."""
        with writing(path), atomic_path(path, self.partial) as partial:
            partial.write_bytes(data)

    @cached_property
    def partial(self) -> Path:
        """This process' folder of temporary files: process ids are unique on one machine only."""
        return self.out / 'work' / 'partial' / uuid.uuid4().hex

    def clean(self) -> None:
        """Remove temporary files, also of killed processes; nothing else may be writing."""
        shutil.rmtree(self.out / 'work' / 'partial', ignore_errors=True)

    def __getstate__(self) -> dict:
        return dict(out=self.out)  # a copy in another process has temporary files of its own


def _sealed(content: bytes) -> bytes:
    return _HEAD + hashlib.sha256(content).hexdigest().encode() + _BETWEEN + content + _TAIL


def file_digest(path: Path) -> str:
    """Hash of a file's content."""
    return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
