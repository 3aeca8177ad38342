"""Which frames and objects of a video make a training clip."""

from dataclasses import dataclass

import numpy as np

from ..errors import AnnotationError
from ..structures import VideoAnnotation


@dataclass
class ClipSampler:
    """Picks frames with random gaps and the objects that start in the clip's first frame.

    Args:
        num_frames: frames of a clip.
        max_gap: largest step between neighbouring frames, counted in annotated frames; each step is
            uniform in 1..max_gap, cut so that the clip fits in the video.
        reverse_prob: chance to play the clip backwards.
        max_objects: at most so many objects, chosen at random.
        tries: first frames tried until one shows an object.
    """

    num_frames: int = 3
    max_gap: int = 5
    reverse_prob: float = 0.5
    max_objects: int = 3
    tries: int = 20

    def frames(self, annotated: list[int], rng: np.random.RandomState, name: str) -> list[int]:
        """Frame indices of a clip, in playing order.

        Raises:
            AnnotationError: the video has fewer annotated frames than the clip needs.
        """
        if len(annotated) < self.num_frames:
            raise AnnotationError(
                f'video {name}: {len(annotated)} annotated frames, a clip needs {self.num_frames}. '
                'Lower num_frames of the clip sampler or remove the video from the image set.'
            )
        steps = self.num_frames - 1
        longest = max(1, min(self.max_gap, (len(annotated) - 1) // max(steps, 1)))
        offsets = np.concatenate([[0], np.cumsum(rng.randint(1, longest + 1, size=steps))])
        start = rng.randint(0, len(annotated) - offsets[-1])
        picked = [annotated[start + o] for o in offsets]
        return picked[::-1] if rng.rand() < self.reverse_prob else picked

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
        for _ in range(self.tries):
            frames = self.frames(annotated, rng, name)
            ids = sorted(annotation.boxes(frames[0]))
            if ids:
                return frames, self.objects(ids, rng)
        raise AnnotationError(
            f'video {name}: no object in the first frame of {self.tries} random clips. '
            'The annotations are (almost) empty; remove the video from the image set.'
        )
