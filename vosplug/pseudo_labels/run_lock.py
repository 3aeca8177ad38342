"""Locks by which independent processes share a folder of labels, or are kept out of it."""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import OutputError
from .store import dump, writing

_LAST = 'finalization'  # name of the lock of the last step
_WAIT = 600  # seconds for the gate, which is held for less than one, and for finalization
_PAUSE = 0.2  # seconds


class InUseError(OutputError):
    """Another process works in the folder."""


class RunLock:
    """The lock of one run on its folder, over processes and machines.

    A process holds one lock for its shard, ``<run>-<index>-of-<count>``, as long as it works. Shards of the
    same run and count divide the videos among them, so they need not exclude each other; a second process for
    the same shard, and every other run, is refused as long as any lock is held. A lock per video would let
    two runs with different rules mix their labels, and one lock of the folder would exclude the other shards.
    Checking, taking and removing these locks is atomic, since it is done under another lock (the gate).

    The system releases the locks of a process when it ends, however it ends, also over NFS; a killed process
    blocks nobody. On file systems without locks, filelock marks them with the host and process id instead.

    ``<run>-<index>-of-<count>.done`` marks a finished shard. When all are finished and the files of the whole
    set are written, a single ``<run>.finalized`` replaces them, whatever their number. A shard that is run
    again turns it back into the ``.done`` files of all other shards, so that it ends with finalization again.

    Args:
        out: folder of the labels.
        run: hash of the inputs of the whole run.
        count: number of shards.
    """

    def __init__(self, out: Path, run: str, count: int) -> None:
        self.folder, self.out, self.count = out / 'work' / 'locks', out, count
        self.run = run[:16]

    @contextmanager
    def shard(self, index: int) -> Iterator[None]:
        """Hold the lock of a shard, after waiting for finalization; mark it finished if the block succeeds.

        Raises:
            OutputError: another run, or another process of this shard, works in the folder.
        """
        done = self._done(index)
        with self._gate_after_finalization():
            lock = self._take(self._name(index), beside=f'{self._name("*")}.lock')
            self._begin(done)
        finished = False
        try:
            yield
            finished = True
        finally:
            with self._gate():
                try:
                    if finished:
                        with writing(done):
                            done.touch()
                finally:
                    _remove(lock)

    @contextmanager
    def finalization(self, by_last_shard: bool) -> Iterator[bool]:
        """Hold the lock of finalization; in the block, no other process writes to the folder.

        Args:
            by_last_shard: take the lock only if all shards of the run are finished and none is finalizing.

        Yields:
            bool: whether the lock is held.

        Raises:
            OutputError: a process works in the folder.
        """
        with self._gate():
            unfinished = not all(path.exists() for path in self._all_done())
            others = by_last_shard and (unfinished or self._is_finalizing())
            lock = None if others else self._take(_LAST)
        if lock is None:
            yield False
            return
        try:
            yield True
            with writing(self._finalized):
                self._finalized.touch()
            for path in self.folder.glob('*.done'):
                path.unlink()
        finally:
            with self._gate():
                _remove(lock)

    @contextmanager
    def edit(self, by: str) -> Iterator[None]:
        """Hold a lock while a few labels are changed; finished shards stay finished.

        Args:
            by: name of the lock.

        Raises:
            OutputError: a process works in the folder.
        """
        with self._gate():
            lock = self._take(by)
        try:
            yield
        finally:
            with self._gate():
                _remove(lock)

    def holder(self) -> str | None:
        """Who works in the folder, for messages; None if nobody does.

        Raises:
            OutputError: the folder cannot be written to.
        """
        with self._gate():
            held = [path for path in self.folder.glob('*.lock') if _is_held(path)]
            return _holder(held[0]) if held else None

    def _name(self, index: int | str) -> str:
        return f'{self.run}-{index}-of-{self.count}'

    def _done(self, index: int) -> Path:
        return self.folder / f'{self._name(index)}.done'

    @property
    def _finalized(self) -> Path:
        return self.folder / f'{self.run}.finalized'

    def _begin(self, own: Path) -> None:
        """Mark a shard as unfinished, and remove the marks of other runs."""
        others = set(self._all_done()) - {own}
        if self._finalized.exists():
            for path in others:
                with writing(path):
                    path.touch()
        # last, since a process may be killed in between
        for path in {*self.folder.glob('*.done'), *self.folder.glob('*.finalized')} - others:
            path.unlink()

    def _is_finalizing(self) -> bool:
        path = self.folder / f'{_LAST}.lock'
        return path.exists() and _is_held(path)

    @contextmanager
    def _gate_after_finalization(self) -> Iterator[None]:
        end = time.monotonic() + _WAIT
        while True:
            with self._gate():
                if not self._is_finalizing() or time.monotonic() > end:
                    yield
                    return
            time.sleep(_PAUSE)

    def _all_done(self) -> list[Path]:
        return [self._done(index) for index in range(self.count)]

    @contextmanager
    def _gate(self) -> Iterator[None]:
        path = self.folder / 'gate'
        with writing(path):
            self.folder.mkdir(parents=True, exist_ok=True)
        gate = self._acquired(path, _WAIT)
        try:
            yield
        finally:
            gate.release()

    def _take(self, name: str, beside: str = '') -> FileLock:
        """Take a lock; raises InUseError if another one is held, except those of the pattern ``beside``."""
        own = self.folder / f'{name}.lock'
        for path in self.folder.glob('*.lock'):
            if path == own or not fnmatchcase(path.name, beside):
                _remove(self._acquired(path))  # left by a killed process
        lock = self._acquired(own)
        holder = dict(host=socket.gethostname(), pid=os.getpid(), since=time.strftime('%Y-%m-%d %H:%M:%S %z'))
        with writing(own):
            own.with_suffix('.json').write_text(dump(holder))
        return lock

    def _acquired(self, path: Path, timeout: float = 0) -> FileLock:
        # a lock belongs to the process: another thread may release it
        lock = FileLock(path, timeout=timeout, thread_local=False)
        with writing(path):
            try:
                lock.acquire()
            except Timeout:
                raise InUseError(
                    f'{self.out}: in use by {_holder(path)}. Two runs in one folder would overwrite each '
                    'other: wait until it ends, stop it, or write to another folder. Only shards of the same '
                    'run, with the same settings and number of shards, can share one.'
                ) from None
        return lock


def _is_held(path: Path) -> bool:
    lock = FileLock(path, timeout=0)
    try:
        with lock:
            return False
    except Timeout:
        return True


def _remove(lock: FileLock) -> None:
    path = Path(lock.lock_file)
    lock.release()
    for left in (path, path.with_suffix('.json')):
        left.unlink(missing_ok=True)


def _holder(lock: Path) -> str:
    try:
        found = json.loads(lock.with_suffix('.json').read_text())
        who = f'process {found["pid"]} on {found["host"]}, since {found["since"]}'
    except (OSError, ValueError, KeyError, TypeError):
        who = 'an unknown process'
    index, _, count = lock.stem.partition('-')[2].partition('-of-')
    return f'{who} (shard {int(index) + 1}/{count})' if count else f'{who} ({lock.stem})'
