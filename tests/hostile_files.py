"""Damaged files and things that are no files, for tests of every reader."""

import os
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np


def damaged(data: bytes, number: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Seeded variants of a valid file, each with a word on what was done to it.

    Args:
        data: the file.
        number: of variants.
        seed: the same one gives the same variants.
    """
    rng = np.random.default_rng(seed)
    ways = [_flip, _flip_at_start, _cut, _remove, _repeat, _zeros, _noise, _append]
    for k in range(number):
        way = ways[k % len(ways)]
        yield f'{k} {way.__name__[1:]}', bytes(way(np.frombuffer(data, np.uint8).copy(), rng))


def _flip(data: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    at = rng.integers(0, len(data), rng.integers(1, 9))
    data[at] ^= rng.integers(1, 256, len(at), dtype=np.uint8)
    return data


def _flip_at_start(data: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    data[rng.integers(0, min(len(data), 64))] ^= rng.integers(1, 256, dtype=np.uint8)
    return data


def _cut(data: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return data[: rng.integers(0, len(data))]


def _window(data: np.ndarray, rng: np.random.Generator) -> tuple[int, int]:
    start, end = sorted(rng.integers(0, len(data) + 1, 2))
    return start, end


def _remove(data: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    start, end = _window(data, rng)
    return np.concatenate([data[:start], data[end:]])


def _repeat(data: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    start, end = _window(data, rng)
    return np.concatenate([data[:end], data[start:]])


def _zeros(data: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    start, end = _window(data, rng)
    data[start:end] = 0
    return data


def _noise(data: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    start, end = _window(data, rng)
    data[start:end] = rng.integers(0, 256, end - start, dtype=np.uint8)
    return data


def _append(data: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.concatenate([data, rng.integers(0, 256, rng.integers(1, 2000), dtype=np.uint8)])


def _socket(path: Path) -> None:
    # the path of a socket may have 107 bytes only
    before = os.getcwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(path.name)
    finally:
        os.chdir(before)


# What may lie where a file is expected; all of them but the last would be opened for ever, or not at all.
NO_FILES: dict[str, Callable[[Path], None]] = {
    'pipe': os.mkfifo,
    'folder': Path.mkdir,
    'socket': _socket,
    'device': lambda path: path.symlink_to('/dev/zero'),
    'link to nowhere': lambda path: path.symlink_to('nowhere'),
    'link to itself': lambda path: path.symlink_to(path),
    'link through a file': lambda path: path.symlink_to(f'{__file__}/below'),
    'empty': Path.touch,
}


@contextmanager
def full_disk(room: int = 0) -> Iterator[None]:
    """No file can grow beyond ``room`` bytes: writing more fails, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
