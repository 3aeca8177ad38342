"""Procedural colours and textures for synthetic clips."""

import cv2
import numpy as np


def make_palette(rng: np.random.Generator, avoid: np.ndarray | None = None, tries: int = 1) -> np.ndarray:
    """Four BGR colours around two hues, darkest first, as float (4, 3).

    Args:
        rng: random generator.
        avoid: BGR (K, 3) that the result should differ from.
        tries: number of draws, of which the one farthest from ``avoid`` is kept; 1 ignores ``avoid``.
    """
    best, best_distance = None, -1.0
    for _ in range(tries):
        hues = (rng.uniform(0, 180) + np.array([0, 8, 0, rng.uniform(20, 90)])) % 180
        # sorted, so that blends of neighbours are never brighter than both
        bright = np.linspace(0, 1, 4) * rng.uniform(90, 170) + rng.uniform(35, 80)
        hsv = np.stack([hues, rng.uniform(30, 190, 4), bright], 1).astype(np.uint8)
        colours = cv2.cvtColor(hsv[None], cv2.COLOR_HSV2BGR)[0].astype(float)
        if avoid is None:
            return colours
        distance = np.linalg.norm(colours[:, None] - avoid[None], axis=2).min(1).mean()
        if distance > best_distance:
            best, best_distance = colours, distance
    return best


def _noise(rng: np.random.Generator, size: tuple[int, int], cell: float, octaves: int = 3) -> np.ndarray:
    """Cloud-like float32 (H, W) in [0, 1] whose largest structures are ``cell`` pixels wide."""
    total = np.zeros(size, np.float32)
    for octave in range(octaves):
        step = max(1.5, cell / 2**octave)
        grid = rng.random((int(size[0] / step) + 3, int(size[1] / step) + 3), np.float32)
        total += cv2.resize(grid, size[::-1], interpolation=cv2.INTER_CUBIC) * 0.55**octave
    return cv2.normalize(total, None, 0, 1, cv2.NORM_MINMAX)


def make_texture(rng: np.random.Generator, size: tuple[int, int], colours: np.ndarray) -> np.ndarray:
    """A random texture (noise, stripes, checks, blobs, gradient or two-tone), uint8 (H, W, 3) BGR.

    Args:
        rng: random generator.
        size: (H, W).
        colours: BGR (K, 3) that the texture runs through.
    """
    cell, turn = min(size) * rng.uniform(0.12, 0.35), rng.uniform(0, np.pi)
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    cloud = _noise(rng, size, 2 * cell)
    kind = rng.choice(['noise', 'stripes', 'checks', 'blobs', 'gradient', 'two-tone'])
    if kind == 'noise':
        field = cloud
    elif kind == 'stripes':
        field = 0.5 + 0.5 * np.tanh(3 * np.sin(2 * np.pi * along / cell + 5 * cloud))
    elif kind == 'checks':
        field = 0.5 + 0.5 * np.tanh(6 * np.sin(np.pi * along / cell) * np.sin(np.pi * across / cell))
    elif kind == 'blobs':
        field = 0.5 + 0.5 * np.tanh(12 * (_noise(rng, size, cell, 1) - 0.55))
    else:
        field = cv2.normalize(along + 0.3 * cell * cloud, None, 0, 1, cv2.NORM_MINMAX)
        if kind == 'two-tone':
            field = 0.5 + 0.5 * np.tanh(25 * (field + 0.2 * cloud - rng.uniform(0.45, 0.75)))
    field = 0.86 * field + 0.14 * _noise(rng, size, max(4.0, cell / 4), 2)
    stops = np.linspace(0, 255, len(colours))
    table = np.stack([np.interp(np.arange(256), stops, colours[:, c]) for c in range(3)], 1)
    index = np.clip(field * 255, 0, 255).astype(np.uint8)
    return cv2.applyColorMap(index, table.round().astype(np.uint8)[:, None])
