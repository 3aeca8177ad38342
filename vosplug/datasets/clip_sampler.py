"""Sampling of the frames and objects of training clips."""

import numpy as np

from ..errors import AnnotationError, ConfigError
from ..structures import VideoAnnotation
from .clip_settings import SettingsTable, check_settings

RULES = ('steps', 'near', 'still')


class ClipSampler:
    """Samples frames at random distances, and objects that are visible in the clip's first frame.

    Rule ``'steps'`` starts at a random frame and takes steps that are uniform in 1..gap, limited so that the
    longest clip fits in the video. Rule ``'near'`` is XMem's (published training code of Cheng and Schwing
    2022): each further frame is uniform among those within the gap of any frame drawn so far; then frames are
    sorted. In both, frames are distinct and neighbours at most a gap apart. Rule ``'still'`` repeats one
    frame, a pseudo-video for transforms that deform each frame independently.

    Hooks may change ``num_frames``, ``frames`` and ``max_gap`` from an iteration on, see :meth:`change`.

    Args:
        num_frames: frames of a clip, or (least, most) for a uniform draw per clip (Xu et al. 2018: 5 to 11),
            limited by the video's length. The data preprocessor pads shorter clips of a batch with
            unsupervised frames.
        max_gap: largest distance between neighbouring frames, in source frames.
        reverse_prob: probability of reversing the clip in time.
        max_objects: maximum number of objects, drawn at random.
        tries: maximum number of draws to find a clip with an object in its first frame.
        rule: ``'steps'``, ``'near'`` or ``'still'``.
        annotated_every: source frames from one annotated frame to the next.
        frames: ``'annotated'``, or ``'all'`` from the first annotated frame to the last, including
            unannotated ones, which are unsupervised. Then a clip starts at an annotated frame and contains
            another one.

    Raises:
        ConfigError: an unknown rule or kind of frames, a number below 1, or a minimum above the maximum.
    """

    def __init__(
        self,
        num_frames: int | tuple[int, int] = 3,
        max_gap: int = 5,
        reverse_prob: float = 0.5,
        max_objects: int = 3,
        tries: int = 200,
        rule: str = 'steps',
        annotated_every: int = 1,
        frames: str = 'annotated',
    ) -> None:
        if rule not in RULES:
            raise ConfigError(f'clip_sampler.rule: found {rule!r}, expected one of {RULES}.')
        for key, value in (
            ('max_objects', max_objects),
            ('tries', tries),
            ('annotated_every', annotated_every),
        ):
            if value < 1:
                raise ConfigError(f'clip_sampler.{key}: found {value}, expected 1 or more.')
        self.reverse_prob, self.max_objects = reverse_prob, max_objects
        self.tries, self.rule, self.annotated_every = tries, rule, annotated_every
        self._settings = SettingsTable(check_settings(max_gap, num_frames, frames))

    def change(self, iteration: int = 0, **settings: object) -> None:
        """Change ``max_gap``, ``num_frames`` or ``frames`` for clips of an iteration and all after it.

        Running data loader workers see the change, too.

        Raises:
            ConfigError: see :meth:`SettingsTable.change`.
        """
        self._settings.change(iteration, **settings)

    @property
    def max_gap(self) -> int:
        """Largest distance between neighbouring frames."""
        return self._settings.now().max_gap

    @property
    def num_frames(self) -> tuple[int, int]:
        """Least and most frames of a clip."""
        return self._settings.now().num_frames

    @property
    def frames(self) -> str:
        """Which frames clips are drawn from, ``'annotated'`` or ``'all'``."""
        return self._settings.now().frames

    def pool(self, annotated: list[int]) -> list[int]:
        """The frames from which clips of a video are drawn, ascending."""
        if self.frames == 'annotated' or self.rule == 'still' or not annotated:
            return annotated
        return list(range(annotated[0], annotated[-1] + 1))

    @property
    def pool_name(self) -> str:
        """Name of the frames of the pool in messages."""
        return 'annotated frames' if self.frames == 'annotated' else 'frames between annotated ones'

    def draw(self, annotated: list[int], rng: np.random.RandomState, name: str) -> list[int]:
        """Frame indices of a clip, in temporal order of the clip; the first is annotated.

        Raises:
            AnnotationError: the video has fewer frames than the clip needs.
        """
        pool, (least, most) = self.pool(annotated), self.num_frames
        needed = 1 if self.rule == 'still' else least
        if len(pool) < needed:
            raise AnnotationError(
                f'video {name}: {len(pool)} {self.pool_name}, a clip needs {needed}. '
                "Lower num_frames of the clip sampler, or skip such videos: short_videos='drop'."
            )
        if self.rule == 'still':
            return [annotated[rng.randint(len(annotated))]] * self._length(least, most, rng)
        length = self._length(least, min(most, len(pool)), rng)
        pick = self._near if self.rule == 'near' else self._steps
        picked = [pool[k] for k in pick(len(pool), length, self._gap(annotated), rng)]
        if rng.rand() < self.reverse_prob:
            picked = picked[::-1]
        return picked if len(pool) == len(annotated) else self._from_annotated(picked, annotated, rng)

    @staticmethod
    def _length(least: int, most: int, rng: np.random.RandomState) -> int:
        return least if least == most else int(rng.randint(least, most + 1))

    def _gap(self, annotated: list[int]) -> int:
        """``max_gap`` converted from source frames to frames of the pool."""
        if self.frames == 'annotated' or len(annotated) < 2:
            return max(1, self.max_gap // self.annotated_every)
        return max(1, int(self.max_gap * np.median(np.diff(annotated)) // self.annotated_every))

    @staticmethod
    def _from_annotated(picked: list[int], annotated: list[int], rng: np.random.RandomState) -> list[int]:
        """The clip shifted to start at a random annotated frame, within the frames of the pool."""
        offsets = np.array(picked) - picked[0]
        fits = [
            t for t in annotated if annotated[0] <= t + offsets.min() and t + offsets.max() <= annotated[-1]
        ]
        return (fits[rng.randint(len(fits))] + offsets).tolist()

    @staticmethod
    def _steps(length: int, count: int, gap: int, rng: np.random.RandomState) -> list[int]:
        steps = count - 1
        longest = max(1, min(gap, (length - 1) // max(steps, 1)))
        offsets = np.concatenate([[0], np.cumsum(rng.randint(1, longest + 1, size=steps))])
        return (rng.randint(0, length - offsets[-1]) + offsets).tolist()

    @staticmethod
    def _near(length: int, count: int, gap: int, rng: np.random.RandomState) -> list[int]:
        picked = {int(rng.randint(length))}
        while len(picked) < count:
            reach = {k for p in picked for k in range(max(0, p - gap), min(length, p + gap + 1))}
            picked.add(int(rng.choice(sorted(reach - picked))))
        return sorted(picked)

    def objects(self, ids: list[int], rng: np.random.RandomState) -> list[int]:
        """At most ``max_objects`` of the given ids, in their order."""
        if len(ids) <= self.max_objects:
            return list(ids)
        keep = rng.choice(len(ids), self.max_objects, replace=False)
        return [ids[i] for i in sorted(keep)]

    def sample(
        self, annotation: VideoAnnotation, rng: np.random.RandomState, name: str
    ) -> tuple[list[int], list[int]]:
        """Frames and object ids of a clip whose first frame shows at least one object.

        Raises:
            AnnotationError: none found in ``tries`` draws.
        """
        annotated = annotation.annotated_frames()
        known, shown = set(annotated), {}
        for _ in range(self.tries):
            frames = self.draw(annotated, rng, name)
            if len(frames) > 1 and known.isdisjoint(frames[1:]):
                continue  # nothing would be supervised
            if frames[0] not in shown:
                shown[frames[0]] = sorted(annotation.boxes(frames[0]))
            if shown[frames[0]]:
                return frames, self.objects(shown[frames[0]], rng)
        if not shown:
            raise AnnotationError(
                f'video {name}: no second annotated frame in any of {self.tries} random clips. Raise '
                "max_gap or num_frames of the clip sampler, or set frames='annotated'."
            )
        raise AnnotationError(
            f'video {name}: no object in the first frame of {self.tries} random clips. '
            'The annotations are (almost) empty; remove the video from the image set.'
        )
