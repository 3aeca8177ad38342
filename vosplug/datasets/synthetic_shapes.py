"""Deforming silhouettes for synthetic clips, each a closed-form function of time."""

import cv2
import numpy as np

SUBPIXEL_BITS = 4
REACH = 1.85  # largest distance of a shape's points from its centre, in units of its size


class Wave:
    """Smooth bounded function of time in closed form, so every frame costs the same.

    Args:
        amplitude: largest value, float or (D,).
        period: frames of the slowest of its three sines.
    """

    def __init__(self, rng: np.random.Generator, amplitude: float | np.ndarray, period: float) -> None:
        amplitude = np.atleast_1d(amplitude).astype(float)
        self._amplitude = amplitude * np.array([[0.72], [0.18], [0.1]])
        periods = period * np.array([[1.0], [0.55], [0.3]]) * rng.uniform(0.85, 1.2, (3, len(amplitude)))
        self._omega = 2 * np.pi / periods
        self._phase = rng.uniform(0, 2 * np.pi, (3, len(amplitude)))

    def __call__(self, t: float) -> np.ndarray:
        """Value at time ``t`` (frames)."""
        return (self._amplitude * np.sin(self._omega * t + self._phase)).sum(0)


class Pen:
    """Draws shapes given around the origin with a radius near 1 into a mask.

    Args:
        mask: uint8 (h, w), drawn on in place.
        matrix: (2, 3) from shape units to pixels of ``mask``.
    """

    def __init__(self, mask: np.ndarray, matrix: np.ndarray) -> None:
        self._mask, self._matrix = mask, matrix
        self._scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))

    def _pixels(self, points: np.ndarray) -> np.ndarray:
        points = np.asarray(points) @ self._matrix[:, :2].T + self._matrix[:, 2]
        return np.rint(points * (1 << SUBPIXEL_BITS)).astype(np.int32)

    def fill(self, contour: np.ndarray, value: int = 1) -> None:
        """Set the inside of a closed contour (N, 2)."""
        cv2.fillPoly(self._mask, [self._pixels(contour)], value, shift=SUBPIXEL_BITS)

    def tube(self, spine: np.ndarray, widths: np.ndarray) -> None:
        """Set the pixels around a line (N, 2) that is ``widths[i]`` wide from point i to i+1."""
        points = self._pixels(spine).tolist()
        for start, end, width in zip(points[:-1], points[1:], widths, strict=False):
            thickness = max(2, round(float(width) * self._scale))
            cv2.line(self._mask, start, end, 1, thickness, shift=SUBPIXEL_BITS)


def _rose(radius: float, lobes: np.ndarray, depth: np.ndarray, phase: np.ndarray) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    r = radius * (1 + (depth[:, None] * np.cos(lobes[:, None] * angle + phase[:, None])).sum(0))
    return np.stack([r * np.cos(angle), r * np.sin(angle)], 1)


class Blossom:
    """Star-like closed contour whose lobes grow, shrink and wander."""

    def __init__(self, rng: np.random.Generator, vigour: float) -> None:
        self._lobes = np.array([2, rng.integers(3, 7), rng.integers(4, 9)])
        self._depth = np.array([0.18, rng.uniform(0.3, 0.42), 0.08])
        self._phase, self._wander = rng.uniform(0, 2 * np.pi, 3), Wave(rng, [1.4 * vigour] * 3, 50)
        self._breath = Wave(rng, [0.08 * vigour, 0.12 * vigour, 0.06 * vigour], 30)

    def draw(self, pen: Pen, t: float) -> None:
        """Draw the shape of frame ``t``."""
        pen.fill(_rose(0.95, self._lobes, self._depth + self._breath(t), self._phase + self._wander(t)))


class Hollow:
    """Ring with an uneven rim, or a crescent when the hole has moved to the side."""

    def __init__(self, rng: np.random.Generator, vigour: float) -> None:
        self._phase, self._wander = rng.uniform(0, 2 * np.pi, (2, 2)), Wave(rng, [vigour] * 2, 45)
        direction, self._crescent = rng.uniform(0, 2 * np.pi), rng.random() < 0.6
        distance = rng.uniform(0.55, 0.72) if self._crescent else rng.uniform(0, 0.12)
        self._shift = distance * np.array([np.cos(direction), np.sin(direction)])
        self._drift = Wave(rng, [0.1 * vigour] * 2, 35)
        self._hole = rng.uniform(0.7, 0.85) if self._crescent else rng.uniform(0.42, 0.58)

    def draw(self, pen: Pen, t: float) -> None:
        """Draw the shape of frame ``t``."""
        lobes, depth = np.array([2, 3]), np.array([0.14, 0.07])
        pen.fill(_rose(1.1, lobes, depth, self._phase[0] + self._wander(t)))
        hole = _rose(self._hole, lobes, depth, self._phase[1] - self._wander(t))
        pen.fill(hole + self._shift + self._drift(t), 0)


class Worm:
    """Tapered band along which a wave travels."""

    def __init__(self, rng: np.random.Generator, vigour: float) -> None:
        self._turns, self._speed = rng.uniform(0.6, 1.3), rng.uniform(0.1, 0.3) * (0.5 + vigour)
        self._swing, self._bend = rng.uniform(0.25, 0.5), Wave(rng, 0.5 * vigour, 40)
        self._along = np.linspace(0, 1, 22)
        self._widths = rng.uniform(0.6, 0.85) * np.sqrt(np.sin(np.pi * (0.12 + 0.8 * self._along)))

    def draw(self, pen: Pen, t: float) -> None:
        """Draw the shape of frame ``t``."""
        x = 2.4 * self._along - 1.2
        y = self._swing * np.sin(2 * np.pi * self._turns * self._along - self._speed * t)
        pen.tube(np.stack([x, y + self._bend(t) * (x**2 - 0.5)], 1), self._widths)


class Medusa:
    """Small body with waving arms."""

    def __init__(self, rng: np.random.Generator, vigour: float) -> None:
        self._arms = int(rng.integers(3, 7))
        self._angles = np.arange(self._arms) * 2 * np.pi / self._arms + rng.uniform(-0.25, 0.25, self._arms)
        self._wave = Wave(rng, np.full(self._arms, 0.9 * vigour), 28)
        self._body, width = rng.uniform(0.58, 0.72), rng.uniform(0.42, 0.58)
        self._widths = np.linspace(width, 0.5 * width, 7)

    def draw(self, pen: Pen, t: float) -> None:
        """Draw the shape of frame ``t``."""
        pen.fill(_rose(self._body, np.array([2]), np.array([0.15]), self._wave(t)[:1]))
        reach = np.linspace(0.15, 1.1, 8)
        for angle, curl in zip(self._angles, self._wave(t), strict=False):
            bent = angle + curl * reach**2
            pen.tube(np.stack([reach * np.cos(bent), reach * np.sin(bent)], 1), self._widths)


class Walker:
    """Four-legged animal in side view: torso, head, tail and legs that step."""

    def __init__(self, rng: np.random.Generator, vigour: float) -> None:
        self._pace, self._phase = rng.uniform(0.2, 0.5) * (0.5 + vigour), rng.uniform(0, 2 * np.pi)
        self._girth, self._leg = rng.uniform(0.7, 0.95), rng.uniform(0.26, 0.36)
        self._facing, self._length = rng.choice([-1, 1]), rng.uniform(0.65, 0.9)
        self._neck, self._tail = Wave(rng, 0.3 * vigour, 40), Wave(rng, 0.6 * vigour, 25)

    def draw(self, pen: Pen, t: float) -> None:
        """Draw the shape of frame ``t``."""
        step = self._pace * t + self._phase
        nod, wag = 0.7 + self._neck(t)[0], 0.5 + self._tail(t)[0]
        side = np.array([self._facing, 1.0])
        shoulder, rump = np.array([0.62, -0.15]), np.array([-0.62, -0.1])
        pen.tube(np.stack([rump, shoulder]) * side, [self._girth])
        head = shoulder + 0.55 * np.array([np.cos(nod), -np.sin(nod)])
        pen.tube(np.stack([shoulder, head, head + [0.22, 0.06]]) * side, [0.36, 0.46])
        tail = rump + 0.7 * np.array([-np.cos(wag), -np.sin(wag)])
        pen.tube(np.stack([rump, tail]) * side, [0.18])
        for hip, lag in ((shoulder, 0.0), (shoulder, np.pi), (rump, 1.2), (rump, 1.2 + np.pi)):
            swing = 0.5 * np.sin(step + lag)
            knee = hip + 0.5 * self._length * np.array([np.sin(swing), np.cos(swing)])
            bend = swing - 0.45 * (1 + np.cos(step + lag))
            foot = knee + 0.5 * self._length * np.array([np.sin(bend), np.cos(bend)])
            pen.tube(np.stack([hip, knee, foot]) * side, [1.25 * self._leg, self._leg])


SHAPES = (Blossom, Hollow, Worm, Medusa, Walker)
Shape = Blossom | Hollow | Worm | Medusa | Walker
