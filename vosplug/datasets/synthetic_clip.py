"""Generated videos of textured, deforming objects that move, occlude each other, enter and leave."""

import cv2
import numpy as np

from ..errors import ConfigError
from ..structures import VideoAnnotation, VideoSource
from .synthetic_shapes import REACH, SHAPES, Pen, Shape, Wave
from .synthetic_textures import make_palette, make_texture

TEXTURE_SIZE = 96


def _paint_shape(
    image: np.ndarray, shape: Shape, texture: np.ndarray, matrix: np.ndarray, t: float
) -> tuple[tuple[slice, slice], np.ndarray] | None:
    """Paint a textured shape in place; returns the window it lies in and its bool mask there."""
    reach = REACH * np.linalg.norm(matrix[:, 0])
    x1, y1 = np.maximum(np.floor(matrix[:, 2] - reach), 0).astype(int)
    x2, y2 = np.minimum(np.ceil(matrix[:, 2] + reach), image.shape[1::-1]).astype(int)
    if x1 >= x2 or y1 >= y2:
        return None
    local = matrix - [[0, 0, x1], [0, 0, y1]]
    mask = np.zeros((y2 - y1, x2 - x1), np.uint8)
    shape.draw(Pen(mask, local), t)
    half = len(texture) / 2
    from_texture = local @ np.array([[REACH / half, 0, -REACH], [0, REACH / half, -REACH], [0, 0, 1]])
    skin = cv2.warpAffine(texture, from_texture, mask.shape[::-1], borderMode=cv2.BORDER_REFLECT_101)
    window = slice(y1, y2), slice(x1, x2)
    cv2.copyTo(skin, mask, image[window])
    return window, mask.view(bool)


class Actor:
    """A textured shape that moves through the image.

    Args:
        rng: random generator.
        size: (H, W) of the image.
        object_id: value in the id mask; 0 for an unannotated distractor.
        colours: BGR (K, 3) of its texture.
        hardness: see :class:`SyntheticClip`.
        entry: ``'stays'``, ``'late'`` (first seen after the first frames) or ``'leaves'``.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        size: tuple[int, int],
        object_id: int,
        colours: np.ndarray,
        hardness: float,
        entry: str,
    ) -> None:
        height, width = size
        self.object_id = object_id
        self._shape = SHAPES[rng.integers(len(SHAPES))](rng, 0.5 + 0.7 * hardness)
        self._radius = np.sqrt(height * width) * rng.uniform(0.16, 0.25)
        self._texture = make_texture(rng, (TEXTURE_SIZE, TEXTURE_SIZE), colours)
        self._home = np.array([width, height]) * rng.uniform(0.33, 0.67, 2)
        swing = np.array([width, height]) * rng.uniform(0.24, 0.33, 2)
        # speed of the oscillation: object sizes travelled in 20 frames
        speed = rng.uniform(0.7, 1.2 + 1.0 * hardness) * 2 * self._radius / 20
        self._path = Wave(rng, swing, 4 * np.linalg.norm(swing) / (1.4 * speed))
        self._spin = rng.uniform(0.01, 0.04) * rng.choice([-1, 1]) if rng.random() < 0.4 else 0.0
        self._turn, self._tilt = Wave(rng, 0.5, 60), rng.uniform(-0.4, 0.4)
        self._zoom = Wave(rng, 0.2, 70)
        side = rng.uniform(0, 2 * np.pi)
        self._away = np.array([np.cos(side), np.sin(side)]) * np.hypot(width, height)
        self._entry, self._when, self._cycle = entry, rng.uniform(6, 16), rng.uniform(70, 110)

    def _absence(self, t: float) -> float:
        """0 while in the scene, 1 when fully outside; recurs in long videos."""
        if self._entry == 'stays':
            return 0.0
        # 'late' starts outside and is inside from ``when``; 'leaves' starts inside and leaves soon after it
        away, ramp = 26.0, 8.0
        start = self._when - away if self._entry == 'late' else self._when
        phase = (t - start) % self._cycle
        out = min(phase / ramp, (away - phase) / ramp, 1.0) if phase < away else 0.0
        return out * out * (3 - 2 * out)

    def matrix(self, t: float) -> np.ndarray:
        """(2, 3) from shape units to image pixels in frame ``t``."""
        angle = self._tilt + self._turn(t)[0] + self._spin * t
        scale = self._radius * (1 + self._zoom(t)[0])
        centre = self._home + self._path(t) + self._absence(t) * self._away
        c, s = scale * np.cos(angle), scale * np.sin(angle)
        return np.array([[c, -s, centre[0]], [s, c, centre[1]]])

    def paint(self, frame: np.ndarray, id_mask: np.ndarray, t: float) -> None:
        """Paint the actor of frame ``t`` over the image, in place."""
        painted = _paint_shape(frame, self._shape, self._texture, self.matrix(t), t)
        if painted:
            window, mask = painted
            id_mask[window][mask] = self.object_id


class Backdrop:
    """A background larger than the image, seen by a moving camera."""

    def __init__(
        self,
        rng: np.random.Generator,
        size: tuple[int, int],
        colours: np.ndarray,
        decoys: list[np.ndarray],
    ) -> None:
        self._size = size
        canvas = (int(1.5 * size[0]), int(1.5 * size[1]))
        self._scene = make_texture(rng, canvas, colours)
        patches = [colours[rng.permutation(len(colours))] for _ in range(rng.integers(3, 7))] + decoys
        for patch in patches:
            scale, (x, y) = rng.uniform(0.14, 0.3) * min(canvas), rng.uniform(0, 1, 2) * canvas[::-1]
            shape = SHAPES[rng.integers(len(SHAPES))](rng, 1.0)
            texture = make_texture(rng, (TEXTURE_SIZE, TEXTURE_SIZE), patch)
            _paint_shape(self._scene, shape, texture, np.array([[scale, 0, x], [0, scale, y]]), 0)
        self._pan = Wave(rng, 0.22 * np.array(size[::-1]), 90)
        self._roll, self._zoom = Wave(rng, 0.08, 80), Wave(rng, 0.08, 100)

    def paint(self, t: float) -> np.ndarray:
        """The background in frame ``t``, uint8 (H, W, 3)."""
        height, width = self._size
        centre = np.array(self._scene.shape[1::-1]) / 2 + self._pan(t)
        angle, zoom = self._roll(t)[0], 1 + self._zoom(t)[0]
        c, s = zoom * np.cos(angle), zoom * np.sin(angle)
        look = np.array([[c, -s], [s, c]])
        shift = centre - look @ (width / 2, height / 2)
        return cv2.warpAffine(
            self._scene,
            np.column_stack([look, shift]),
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT_101,
        )


class SyntheticClip:
    """A generated video with exact masks, rendered one frame at a time in any order.

    The same seed gives the same bytes, and ``num_frames`` only determines the length: a short clip is
    the beginning of a long one. Object 1 is visible in frame 0; others may enter late, leave,
    occlude each other (in a fixed depth order), and ids may skip a number.

    Args:
        seed: non-negative; determines the whole video.
        num_frames: length of the video.
        size: (H, W), at least 32 each.
        num_objects: fewest and most annotated objects, 1..20.
        hardness: in [0, 1]; raises speed, deformation, colour similarity, distractors and noise.

    Raises:
        ConfigError: a value out of range.

    Example:
        >>> frame, id_mask = SyntheticClip(seed=0, num_frames=24).render(5)
        >>> frame.shape, id_mask.shape
        ((128, 192, 3), (128, 192))
    """

    def __init__(
        self,
        seed: int,
        num_frames: int,
        size: tuple[int, int] = (128, 192),
        num_objects: tuple[int, int] = (1, 3),
        hardness: float = 0.5,
    ) -> None:
        fewest, most = num_objects
        in_range = seed >= 0 and num_frames >= 1 and min(size) >= 32 and 0 <= hardness <= 1
        if not in_range or not 1 <= fewest <= most <= 20:
            raise ConfigError(
                f'SyntheticClip: found seed={seed}, num_frames={num_frames}, size={size}, '
                f'num_objects={num_objects}, hardness={hardness}; expected seed >= 0, num_frames >= 1, '
                'sides >= 32, 1 <= fewest <= most <= 20 objects and hardness in [0, 1].'
            )
        self.seed, self.num_frames, self.size = int(seed), int(num_frames), tuple(size)
        rng = np.random.default_rng(self.seed)
        self._cast(rng, int(rng.integers(fewest, most + 1)), hardness)
        self._light, self._tint = Wave(rng, 0.12, 60), Wave(rng, [0.04] * 3, 50)
        strength = 2 + 4 * hardness
        self._grain = rng.normal(0, strength, (size[0] + 32, size[1] + 32, 3)).astype(np.int16)
        self._blur = rng.uniform(0.4, 0.8)
        self._last: tuple[int, np.ndarray, np.ndarray] | None = None

    def _cast(self, rng: np.random.Generator, count: int, hardness: float) -> None:
        scenery = make_palette(rng)
        tries = 1 + round(8 * (1 - hardness))
        palettes = [make_palette(rng, scenery, tries) for _ in range(count)]
        ids = np.cumsum(1 + (rng.random(count) < 0.15))
        entries = ['stays', *rng.choice(['stays', 'late', 'leaves'], count - 1, p=[0.35, 0.4, 0.25])]
        actors = [
            Actor(rng, self.size, int(i) - int(ids[0]) + 1, colours, hardness, entry)
            for i, colours, entry in zip(ids, palettes, entries, strict=False)
        ]
        if rng.random() < 0.4 * hardness:
            actors.append(Actor(rng, self.size, 0, palettes[0], hardness, 'stays'))
        decoys = [palettes[0]] * int(rng.random() < hardness)
        self._backdrop = Backdrop(rng, self.size, scenery, decoys)
        self._actors = [actors[i] for i in rng.permutation(len(actors))]
        if np.count_nonzero(self._paint(0)[1] == 1) < 0.04 * self.size[0] * self.size[1]:
            self._actors.sort(key=lambda actor: actor.object_id == 1)  # stable: only moves to the front

    def _paint(self, t: int) -> tuple[np.ndarray, np.ndarray]:
        frame, id_mask = self._backdrop.paint(t), np.zeros(self.size, np.uint8)
        for actor in self._actors:
            actor.paint(frame, id_mask, t)
        return frame, id_mask

    def render(self, t: int) -> tuple[np.ndarray, np.ndarray]:
        """Frame ``t`` as uint8 (H, W, 3) BGR and its id mask as uint8 (H, W).

        Raises:
            IndexError: ``t`` lies outside ``[0, num_frames)``.
        """
        if not 0 <= t < self.num_frames:
            raise IndexError(f'frame {t} of a synthetic clip with {self.num_frames} frames')
        if self._last is None or self._last[0] != t:
            frame, id_mask = self._paint(t)
            self._last = (t, self._expose(frame, t), id_mask)
        return self._last[1].copy(), self._last[2].copy()

    def _expose(self, frame: np.ndarray, t: int) -> np.ndarray:
        """Add lens blur, brightness changes and noise to frame ``t``."""
        gain = 1 + self._light(t) + self._tint(t)
        table = np.clip(np.arange(256)[:, None] * gain, 0, 255).round().astype(np.uint8)
        frame = cv2.LUT(cv2.GaussianBlur(frame, (3, 3), self._blur), table[None])
        y, x = np.random.default_rng((self.seed, t)).integers(0, 32, 2)
        return cv2.add(frame, self._grain[y:, x:][: self.size[0], : self.size[1]], dtype=cv2.CV_8U)


class SyntheticSource(VideoSource):
    """Frames of a :class:`SyntheticClip`."""

    def __init__(self, clip: SyntheticClip, fps: float = 12.0) -> None:
        self.clip, self.fps = clip, fps
        self.frame_names = [f'{t:05d}' for t in range(clip.num_frames)]

    def __getitem__(self, t: int) -> np.ndarray:
        return self.clip.render(t + len(self) if t < 0 else t)[0]

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of every frame."""
        return self.clip.size


class SyntheticAnnotation(VideoAnnotation):
    """Exact masks of a :class:`SyntheticClip`."""

    def __init__(self, clip: SyntheticClip) -> None:
        self.clip = clip

    def mask(self, t: int) -> np.ndarray:
        """Id mask of frame ``t``, uint8 (H, W)."""
        return self.clip.render(t)[1]

    def annotated_frames(self) -> list[int]:
        """Every frame."""
        return list(range(self.clip.num_frames))
