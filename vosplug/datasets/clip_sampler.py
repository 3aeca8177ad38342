"""Which frames and objects of a video make a training clip."""

import numpy as np
import torch

from ..errors import AnnotationError, ConfigError
from ..structures import VideoAnnotation

RULES = ('steps', 'near', 'still')


class ClipSampler:
    """Picks frames at random distances and the objects that start in the clip's first frame.

    Rule ``'steps'`` starts anywhere and takes steps that are uniform in 1..gap, all cut so that the longest
    clip fits in the video. Rule ``'near'`` is XMem's (published training code of Cheng and Schwing 2022):
    each further frame is uniform among those within the gap of any frame picked so far, then they are put in
    order. Either way frames are distinct and neighbours at most a gap apart. Rule ``'still'`` takes one frame
    again and again, a pseudo-video for transforms that deform each frame on its own.

    Args:
        num_frames: frames of a clip.
        max_gap: largest distance of neighbouring frames, in frames of the recording.
        reverse_prob: chance to play the clip backwards.
        max_objects: at most so many objects, chosen at random.
        tries: clips drawn until one shows an object in its first frame.
        rule: ``'steps'``, ``'near'`` or ``'still'``.
        annotated_every: frames of the recording from one annotated frame to the next.

    Raises:
        ConfigError: an unknown rule, or a gap below 1.
    """

    def __init__(
        self,
        num_frames: int = 3,
        max_gap: int = 5,
        reverse_prob: float = 0.5,
        max_objects: int = 3,
        tries: int = 200,
        rule: str = 'steps',
        annotated_every: int = 1,
    ) -> None:
        if rule not in RULES:
            raise ConfigError(f'clip_sampler.rule: found {rule!r}, expected one of {RULES}.')
        self.num_frames, self.reverse_prob, self.max_objects = num_frames, reverse_prob, max_objects
        self.tries, self.rule, self.annotated_every = tries, rule, annotated_every
        # a hook changes it while the workers of a data loader hold copies of the dataset
        self._max_gap = torch.zeros((), dtype=torch.int64).share_memory_()
        self.max_gap = max_gap

    @property
    def max_gap(self) -> int:
        """Largest distance of neighbouring frames; setting it reaches running workers too."""
        return int(self._max_gap)

    @max_gap.setter
    def max_gap(self, gap: int) -> None:
        if gap < 1:
            raise ConfigError(f'clip_sampler.max_gap: found {gap}, expected 1 or more.')
        self._max_gap.fill_(gap)

    def frames(self, annotated: list[int], rng: np.random.RandomState, name: str) -> list[int]:
        """Frame indices of a clip, in playing order.

        Raises:
            AnnotationError: the video has fewer annotated frames than the clip needs.
        """
        if self.rule == 'still':
            return [annotated[rng.randint(len(annotated))]] * self.num_frames
        if len(annotated) < self.num_frames:
            raise AnnotationError(
                f'video {name}: {len(annotated)} annotated frames, a clip needs {self.num_frames}. '
                "Lower num_frames of the clip sampler, or leave such videos out: short_videos='drop'."
            )
        gap = max(1, self.max_gap // self.annotated_every)
        pick = self._near if self.rule == 'near' else self._steps
        picked = [annotated[k] for k in pick(len(annotated), gap, rng)]
        return picked[::-1] if rng.rand() < self.reverse_prob else picked

    def _steps(self, length: int, gap: int, rng: np.random.RandomState) -> list[int]:
        steps = self.num_frames - 1
        longest = max(1, min(gap, (length - 1) // max(steps, 1)))
        offsets = np.concatenate([[0], np.cumsum(rng.randint(1, longest + 1, size=steps))])
        return (rng.randint(0, length - offsets[-1]) + offsets).tolist()

    def _near(self, length: int, gap: int, rng: np.random.RandomState) -> list[int]:
        picked = {int(rng.randint(length))}
        while len(picked) < self.num_frames:
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
            AnnotationError: no object was found in ``tries`` clips.
        """
        annotated = annotation.annotated_frames()
        shown: dict[int, list[int]] = {}
        for _ in range(self.tries):
            frames = self.frames(annotated, rng, name)
            if frames[0] not in shown:
                shown[frames[0]] = sorted(annotation.boxes(frames[0]))
            if shown[frames[0]]:
                return frames, self.objects(shown[frames[0]], rng)
        raise AnnotationError(
            f'video {name}: no object in the first frame of {self.tries} random clips. '
            'The annotations are (almost) empty; remove the video from the image set.'
        )
