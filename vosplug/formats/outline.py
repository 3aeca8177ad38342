"""Outlines of masks."""

import numpy as np


def mask_outline(mask: np.ndarray) -> np.ndarray:
    """One polygon around all pixels of a mask, along their edges, so that filling it gives the mask back.

    Parts and holes are connected by lines that the polygon traverses twice; they have no area under any fill
    rule, if holes are traced in the opposite direction, as here.

    Args:
        mask: bool (H, W), not empty.

    Returns:
        np.ndarray: int (N, 2), corners x, y; pixel 0, 0 reaches from 0, 0 to 1, 1.

    Example:
        >>> mask_outline(np.array([[False, True]])).tolist()
        [[1, 0], [2, 0], [2, 1], [1, 1], [1, 0]]
    """
    loops = _loops(mask)
    return np.concatenate([*loops, *(loop[:1] for loop in loops[-2::-1])])


def _loops(mask: np.ndarray) -> list[np.ndarray]:
    """Closed outlines, the object on the right of every edge; the first corner is also the last."""
    padded = np.pad(mask, 1)
    inner = padded[1:-1, 1:-1]
    edges: dict[tuple[int, int], list[tuple[int, int]]] = {}
    # for the pixel at x, y: a neighbour, and where the edge to it begins and ends
    for neighbour, begin, end in (
        (padded[:-2, 1:-1], (0, 0), (1, 0)),
        (padded[1:-1, 2:], (1, 0), (1, 1)),
        (padded[2:, 1:-1], (1, 1), (0, 1)),
        (padded[1:-1, :-2], (0, 1), (0, 0)),
    ):
        ys, xs = np.nonzero(inner & ~neighbour)
        for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
            edges.setdefault((x + begin[0], y + begin[1]), []).append((x + end[0], y + end[1]))
    loops = []
    while edges:
        first = at = next(iter(edges))
        loop, before = [first], None
        while before is None or at != first:
            targets = edges[at]
            following = targets.pop(_sharpest(before, at, targets))
            if not targets:
                del edges[at]
            if before is not None and _turn(before, at, following) == 0:
                loop.pop()
            loop.append(following)
            before, at = at, following
        loops.append(np.array(loop))
    return loops


def _sharpest(before: tuple[int, int] | None, at: tuple[int, int], targets: list[tuple[int, int]]) -> int:
    """Index of the edge to follow: where two pixels touch at a corner, that of the same pixel."""
    if before is None or len(targets) == 1:
        return 0
    return max(range(len(targets)), key=lambda k: _turn(before, at, targets[k]))


def _turn(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    """Above 0 for a turn to the right (y points down), 0 straight on."""
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])
