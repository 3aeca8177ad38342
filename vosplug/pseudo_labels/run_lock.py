"""Locks by which independent processes share a folder of labels, or are kept out of it."""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import OutputError
from .store import dump, writing

_LAST = 'finalization'  # name of the lock of the last step
_WAIT = 600  # seconds for the gate, which is held for less than one, and for the last step
_PAUSE = 0.2  # seconds


class RunLock:
    """The lock of one run on its folder, over processes and machines.

    A process holds one lock for its shard, ``<run>-<index>-of-<count>``, as long as it works. Shards of the
    same run and count divide the videos among them, so they need not exclude each other; a second process for
    the same shard, and every other run, is refused as long as any lock is held. A lock per video would let
    two runs with different rules mix their labels, and one lock of the folder would exclude the other shards.
    Locks are looked at, taken and removed under a lock of their own (the gate), which makes these steps one.

    The system drops the locks of a process that ends, however it ends, also over NFS; a killed process blocks
    nobody. On file systems without locks, filelock marks them with the host and process id instead.

    ``<run>-<index>-of-<count>.done`` says that a shard is finished. When all are, and the files of the whole
    set written, one ``<run>.finalized`` takes their place, whatever their number was. A shard that is
    repeated then turns it back into ``.done`` of all others, so that it ends with the last step again.

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
        """Hold the lock of a shard, after waiting for a last step; if the block succeeds, it is finished.

        Raises:
            OutputError: another run, or another process of this shard, works in the folder.
        """
        done = self._done(index)
        with self._gate_after_finalization():
            lock = self._take(self._name(index), shares=f'{self.run}-', count=f'-of-{self.count}.lock')
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
        """Hold the lock of the last step; in the block, nobody else writes to the folder.

        Args:
            by_last_shard: only take the lock if all shards of the run are finished, and none of them has it.

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

    def _name(self, index: int) -> str:
        return f'{self.run}-{index}-of-{self.count}'

    def _done(self, index: int) -> Path:
        return self.folder / f'{self._name(index)}.done'

    @property
    def _finalized(self) -> Path:
        return self.folder / f'{self.run}.finalized'

    def _begin(self, own: Path) -> None:
        """Note that a shard is not finished, and forget other runs."""
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

    def _take(self, name: str, shares: str = '', count: str = '') -> FileLock:
        """Take a lock, unless one that it does not share the folder with is held."""
        own = self.folder / f'{name}.lock'
        for path in self.folder.glob('*.lock'):
            if path != own and shares and path.name.startswith(shares) and path.name.endswith(count):
                continue
            _remove(self._acquired(path))  # left by a killed process
        lock = self._acquired(own)
        holder = dict(host=socket.gethostname(), pid=os.getpid(), since=time.strftime('%Y-%m-%d %H:%M:%S %z'))
        with writing(own):
            own.with_suffix('.json').write_text(dump(holder))
        return lock

    def _acquired(self, path: Path, timeout: float = 0) -> FileLock:
        lock = FileLock(path, timeout=timeout)
        with writing(path):
            try:
                lock.acquire()
            except Timeout:
                raise OutputError(
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
        who = 'a process that has not said which'
    index, _, count = lock.stem.partition('-')[2].partition('-of-')
    return f'{who} (shard {int(index) + 1}/{count})' if count else f'{who} ({lock.stem})'
