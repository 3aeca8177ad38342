"""A memory that learns filters for each object during the video."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from ...errors import ConfigError
from ...registry import MODELS
from .base_memory import BaseMemory
from .bounded_frames import BoundedFrames
from .filter_learner import FilterLearner, apply_filters


class _Sample(NamedTuple):
    """A frame to learn from: features (B, C, h, w), labels and weights (B, n, F, h, w) of n objects.

    ``prompted`` are the slots of the objects prompted in it.
    """

    features: Tensor
    labels: Tensor
    weights: Tensor
    prompted: frozenset[int]


@dataclass
class FewShotState:
    """Samples and filters of one video, or of a batch of clips.

    Invariants: frames with prompts are never dropped; of the others, the newest are held. Objects that
    entered together are learned together, from the frames since they entered.

    Attributes:
        samples: frames to learn from.
        filters: (B, N, F, C, k, k); None before the first frame.
    """

    samples: BoundedFrames[_Sample]
    filters: Tensor | None = None

    def __len__(self) -> int:
        return len(self.samples)


@MODELS.register_module()
class FewShotMemory(BaseMemory):
    """Learns filters that predict each object's labels from features, and applies them to new frames.

    The few-shot learner of Bhat et al. 2020 ("Learning What to Learn for Video Object Segmentation", LWL):
    keys are features (:class:`FilterFeatures`), values are labels and their weights
    (:class:`MaskLabelEncoder`), side by side, and a readout is the encoding of the object's mask that the
    filters predict. A frame's share in learning decays as more frames follow. Defaults for inference are
    those that the authors publish for YouTube-VOS.

    Args:
        learner: config of a :class:`FilterLearner`.
        max_frames: frames to learn from, not counting prompted ones.
        learning_rate: share of the newest frame; the other shares shrink by this fraction.
        prompted_share: minimum total share of the frames in which the object is prompted.
        steps: descent steps for a prompted frame, and for any other, in training.
        test_steps: likewise in inference.
        update_every: without prompts, filters are updated in frames whose index is a multiple of it.
        init_cfg: mmengine's.

    Raises:
        ConfigError: a share out of range, or an interval or number of frames below 1.
    """

    def __init__(
        self,
        learner: dict | None = None,
        max_frames: int = 32,
        learning_rate: float = 0.1,
        prompted_share: float = 0.25,
        steps: tuple[int, int] = (5, 2),
        test_steps: tuple[int, int] = (20, 3),
        update_every: int = 1,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if not (0 < learning_rate < 1 and 0 <= prompted_share <= 1 and min(max_frames, update_every) >= 1):
            raise ConfigError(
                f'FewShotMemory: found learning_rate={learning_rate}, prompted_share={prompted_share}, '
                f'max_frames={max_frames} and update_every={update_every}, expected learning_rate and '
                'prompted_share between 0 and 1, and max_frames and update_every of 1 or more.'
            )
        self.learner: FilterLearner = MODELS.build(dict(type='FilterLearner') | (learner or {}))
        self.max_frames, self.update_every = max_frames, update_every
        self.learning_rate, self.prompted_share = learning_rate, prompted_share
        self.steps, self.test_steps = steps, test_steps

    def new_state(self) -> FewShotState:
        """See the base."""
        return FewShotState(BoundedFrames(self.max_frames))

    def new_clip_state(self) -> FewShotState:
        """See the base."""
        return FewShotState(BoundedFrames(None))

    def shrink(self, state: FewShotState) -> bool:
        """See the base."""
        return state.samples.shrink()

    def write(
        self, state: FewShotState, t: int, key: Tensor, values: Tensor, prompted: Collection[int]
    ) -> None:
        """See the base; the key is (B, C, h, w), values are (B, N, 2 F, h, w), labels first."""
        labels, weights = values.chunk(2, 2)
        state.samples.add(_Sample(key, labels, weights, frozenset(prompted)))
        groups = pairwise([0, *sorted({sample.labels.shape[1] for sample in state.samples})])
        state.filters = torch.cat([self._learned(state, t, slice(*g), prompted) for g in groups], 1)

    def _learned(self, state: FewShotState, t: int, group: slice, prompted: Collection[int]) -> Tensor:
        """Filters (B, n, F, C, k, k) of a group of objects after the newest frame."""
        known = 0 if state.filters is None else state.filters.shape[1]
        initial = state.filters[:, group] if state.filters is not None and group.start < known else None
        at_prompt, later = self.steps if self.training else self.test_steps
        slots = set(range(group.start, group.stop))
        if initial is None or not slots.isdisjoint(prompted):
            steps = at_prompt
        elif later and t % self.update_every == 0:
            steps = later
        else:
            return initial
        samples = [sample for sample in state.samples if sample.labels.shape[1] >= group.stop]
        given = [not slots.isdisjoint(sample.prompted) for sample in samples]
        shares = sample_shares(given, self.learning_rate, self.prompted_share)
        weights = torch.stack([s.weights[:, group] for s in samples], 1)
        return self.learner(
            [sample.features for sample in samples],
            torch.stack([sample.labels[:, group] for sample in samples], 1),
            weights * weights.new_tensor(shares).sqrt().view(-1, 1, 1, 1, 1),
            initial,
            steps,
        )

    def readout(self, state: FewShotState, key: Tensor) -> Tensor:
        """See the base; (B, N, F, h, w)."""
        assert state.filters is not None  # a frame was written
        return apply_filters(key.unsqueeze(1), state.filters, self.learner.dilation).squeeze(1)


def sample_shares(prompted: Sequence[bool], rate: float, least: float) -> list[float]:
    """Shares of frames in learning, oldest first; they sum to 1.

    The newest frame has the share ``rate``, every earlier one a share smaller by the factor ``1 - rate``; the
    oldest one gets the remainder.

    Args:
        prompted: whether each frame is prompted.
        rate: between 0 and 1.
        least: minimum total share of the prompted frames, to which they are raised if necessary.
    """
    age = range(len(prompted) - 1, -1, -1)
    shares = [(1 - rate) ** a * (rate if i else 1) for i, a in enumerate(age)]
    given = sum(share for share, p in zip(shares, prompted, strict=True) if p)
    if not 0 < given < least:
        return shares
    factor = {True: least / given, False: (1 - least) / (1 - given)}
    return [factor[bool(p)] * share for share, p in zip(shares, prompted, strict=True)]
