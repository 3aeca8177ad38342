"""Online adaptation: a copy of the model learns the objects of a video while it streams."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from mmcv.transforms import Compose
from mmengine.model import BaseModel
from torch import Tensor

from ...errors import ConfigError
from ...registry import MODELS, TRANSFORMS
from ...structures import ObjectPrompt
from ...structures.box_ops import VOID
from .adaptation import adapted_copy, augmented_samples, seeded, still_clip
from .records import Frame, VideoInfo
from .view import Tracker

REFRESH = dict(every=0, steps=0, confidence=0.95)


@MODELS.register_module()
class OnlineAdapter:
    """Trains a copy of a segmentor on augmented prompted frames (``test_cfg.online``).

    Every stream has copies of its own, dropped with it; the segmentor stays as it is. The same seed and
    prompts give the same copies. All views of a stream (``scales``, ``flip``) share the copies, which learn
    from the frames of the first view, at its working resolution. What a state remembers of earlier frames
    stays as it is when its copy is trained again.

    Args:
        steps: of the optimizer, in every frame with a prompt, from the second one on with all prompted
            frames so far; 0: none. A box counts as the mask that the initializer makes of it.
        optim_wrapper: config.
        pipeline: transforms of a clip that shows the frame ``num_frames`` times, up to ``PackClip``.
        num_frames: of a training clip, whose first one starts it.
        batch_size: clips per step.
        parts: what is trained, see :func:`adapted_copy`; None: all.
        per_object: a copy for each object, which then sees only its own masks; otherwise one for all.
        refresh: ``every`` so many frames without training, ``steps`` more on the prompted frames and on the
            current one, whose own result is the target where its probability is at least ``confidence``
            (0.95); None: never.
        seed: of augmentation and training.

    Raises:
        ConfigError: numbers out of range, or an unknown key in ``refresh``.
    """

    def __init__(
        self,
        steps: int,
        optim_wrapper: dict,
        pipeline: Sequence[dict],
        num_frames: int = 2,
        batch_size: int = 1,
        parts: Sequence[str] | None = None,
        per_object: bool = False,
        refresh: dict | None = None,
        seed: int = 0,
    ) -> None:
        if steps < 0 or num_frames < 2 or batch_size < 1:
            raise ConfigError(
                f'OnlineAdapter: found steps={steps}, num_frames={num_frames}, batch_size={batch_size}; '
                'expected steps of 0 or more, 2 or more frames and a batch of 1 or more.'
            )
        self.refresh = REFRESH | (refresh or {})
        if self.refresh.keys() != REFRESH.keys() or (refresh and min(self.refresh.values()) <= 0):
            raise ConfigError(
                f'OnlineAdapter.refresh: found {refresh}, expected every and steps, 1 or more, and '
                'perhaps confidence, above 0.'
            )
        self.steps, self.num_frames, self.per_object, self.seed = steps, num_frames, per_object, seed
        self.settings: dict[str, Any] = dict(batch_size=batch_size, optim_wrapper=optim_wrapper, parts=parts)
        self.pipeline = Compose([TRANSFORMS.build(dict(step)) for step in pipeline])

    def attach(self, segmentor: Tracker) -> 'AdaptedTracker':
        """A tracker of one stream.

        Raises:
            ConfigError: the segmentor cannot be trained here.
        """
        if not isinstance(segmentor, BaseModel):
            raise ConfigError(
                f'test_cfg.online: {type(segmentor).__name__} is no mmengine.model.BaseModel, which could be '
                'trained. Leave `online` out.'
            )
        return AdaptedTracker(self, segmentor)

    def train(self, model: BaseModel, clips: Mapping[str, Callable], steps: int, name: object) -> BaseModel:
        """A copy of ``model`` trained on clips (see :func:`augmented_samples`); the name joins the seed."""
        with seeded(self.seed, name):
            return adapted_copy(model, augmented_samples(self.pipeline, clips), steps, **self.settings)


@dataclass
class _Example:
    """A frame at the working resolution: uint8 (H, W, 3) BGR, and slots + 1 as uint8 (H, W), 255 void."""

    name: str
    image: np.ndarray
    id_mask: np.ndarray


@dataclass
class _Group:
    """Objects that share a copy of the model."""

    slots: list[int]
    model: Any


@dataclass
class AdaptedState:
    """State of one view: that of every group's model, in the order of the groups.

    Groups that another view was the first to see may be missing at the end.
    """

    video: VideoInfo
    states: list[Any] = field(default_factory=list)
    forked: bool = False


class AdaptedTracker:
    """The steps of a segmentor, taken by its adapted copies, which the views of one stream share.

    Args:
        adapter: how copies are trained.
        segmentor: what they are copies of.
    """

    def __init__(self, adapter: OnlineAdapter, segmentor: Any) -> None:
        self.adapter, self.segmentor = adapter, segmentor
        self.skips_prompted_frames = segmentor.skips_prompted_frames
        self.zero_masks_in_padding = segmentor.zero_masks_in_padding
        self.groups: list[_Group] = []  # slots of all groups in their order are 0, 1, 2, ...
        self.examples: list[_Example] = []  # of prompted frames
        self.trained_at = -1  # frame

    def start(self, video: VideoInfo) -> AdaptedState:
        """See :class:`StreamingSegmentor`."""
        return AdaptedState(video)

    def segment(self, state: AdaptedState, frame: Frame) -> Tensor:
        """See :class:`StreamingSegmentor`."""
        return torch.cat([g.model.segment(s, frame) for g, s in zip(self.groups, state.states, strict=False)])

    def remember(
        self, state: AdaptedState, frame: Frame, probs: Tensor, prompted: Mapping[int, ObjectPrompt]
    ) -> None:
        """See :class:`StreamingSegmentor`; where training is due, it comes first."""
        self._assign(len(probs))
        if not state.forked and frame.index != self.trained_at:
            self._train_if_due(frame, probs, prompted)
        for k, group in enumerate(self.groups):
            if k == len(state.states):
                state.states.append(group.model.start(state.video))
            own = {local: prompted[slot] for local, slot in enumerate(group.slots) if slot in prompted}
            group.model.remember(state.states[k], frame, probs[group.slots], own)

    def fork(self, state: AdaptedState) -> AdaptedState:
        """See :class:`StreamingSegmentor`; nothing is trained on a fork."""
        inner = [g.model.fork(s) for g, s in zip(self.groups, state.states, strict=False)]
        return AdaptedState(state.video, inner, forked=True)

    def _assign(self, objects: int) -> None:
        """Every slot to a group; new ones start from the segmentor itself."""
        for slot in range(sum(len(group.slots) for group in self.groups), objects):
            if self.adapter.per_object or not self.groups:
                self.groups.append(_Group([slot], self.segmentor))
            else:
                self.groups[0].slots.append(slot)

    def _train_if_due(self, frame: Frame, probs: Tensor, prompted: Mapping[int, ObjectPrompt]) -> None:
        refresh = self.adapter.refresh
        if prompted:
            self.examples.append(_prompted_example(frame, probs, prompted))
            examples, steps = self.examples, self.adapter.steps
            groups = [g for g in self.groups if not prompted.keys().isdisjoint(g.slots)]
        elif refresh['every'] and frame.index - self.trained_at >= refresh['every']:
            examples = [*self.examples, _confident_example(frame, probs, refresh['confidence'])]
            groups, steps = self.groups, refresh['steps']
        else:
            return
        self.trained_at = frame.index
        for group in groups:
            clips = self._clips(examples, group.slots)
            if steps and clips:
                group.model = self.adapter.train(group.model, clips, steps, (frame.index, group.slots))

    def _clips(self, examples: Sequence[_Example], slots: Sequence[int]) -> dict[str, Callable[[], dict]]:
        """Clips of the examples that show any of the objects, which become 1..n; others are background."""
        table = np.zeros(256, np.uint8)
        table[VOID] = VOID
        table[np.add(slots, 1)] = np.arange(1, len(slots) + 1)
        masks = [table[example.id_mask] for example in examples]
        return {
            e.name: partial(still_clip, e.image, mask, len(slots), self.adapter.num_frames, e.name)
            for e, mask in zip(examples, masks, strict=True)
            if np.isin(mask, (0, VOID), invert=True).any()
        }


def _prompted_example(frame: Frame, probs: Tensor, prompted: Mapping[int, ObjectPrompt]) -> _Example:
    """What the user gave in a frame; objects known by predictions alone are void."""
    labels = _distribution(frame, probs).argmax(0).cpu().numpy()
    given = np.isin(labels, [0, *(slot + 1 for slot in prompted)])
    return _example(frame, np.where(given, labels, VOID))


def _confident_example(frame: Frame, probs: Tensor, confidence: float) -> _Example:
    """What the method found in a frame, void where it is not sure."""
    best, labels = _distribution(frame, probs).max(0)
    return _example(frame, torch.where(best >= confidence, labels, VOID).cpu().numpy())


def _example(frame: Frame, labels: np.ndarray) -> _Example:
    return _Example(f'frame {frame.name}', frame.geometry.to_work(frame.image), labels.astype(np.uint8))


def _distribution(frame: Frame, probs: Tensor) -> Tensor:
    """(N+1, h, w), background first, at the working resolution without padding."""
    maps = frame.geometry.unpad(probs)
    return torch.cat([1 - maps.sum(0, keepdim=True), maps])
