"""Online adaptation: a copy of the model learns the objects of a video while it streams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from mmcv.transforms import Compose
from torch import Tensor

from ...errors import ConfigError
from ...registry import MODELS, TRANSFORMS
from ...structures import ObjectPrompt
from ...structures.box_ops import VOID
from .adaptation import adapted_copy, augmented_samples, seeded, still_clip
from .records import Frame, VideoInfo
from .view import Tracker

REFRESH = dict(every=None, steps=None, confidence=0.95)


@MODELS.register_module()
class OnlineAdapter:
    """Trains a copy of a segmentor on augmented prompted frames (``test_cfg.online``).

    Every stream has copies of its own, dropped with it; the segmentor stays as it is. The same seed and
    prompts give the same copies. Frames are trained on at the working resolution.

    Args:
        steps: of the optimizer, whenever an object is prompted; 0 leaves the model as it is.
        optim_wrapper: config.
        pipeline: transforms of a clip that shows the frame ``num_frames`` times, up to ``PackClip``.
        num_frames: of a training clip.
        batch_size: clips per step.
        parts: what is trained, see :func:`adapted_copy`; None: all.
        per_object: a copy for each object, which then sees only its own masks; otherwise one for all.
        refresh: ``every`` so many frames train ``steps`` more on the prompted frames and on the current one,
            whose own result is the target where its probability is at least ``confidence``; None: never.
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
        if steps < 0 or num_frames < 1 or batch_size < 1:
            raise ConfigError(
                f'OnlineAdapter: found steps={steps}, num_frames={num_frames}, batch_size={batch_size}; '
                'expected 0 or more steps, the others 1 or more.'
            )
        if refresh is not None and not (
            set(refresh) <= set(REFRESH) and refresh.get('every', 0) >= 1 and refresh.get('steps', 0) >= 1
        ):
            raise ConfigError(
                f'OnlineAdapter.refresh: found {refresh}, expected every and steps, 1 or more, and, if '
                'wanted, confidence.'
            )
        self.steps, self.num_frames, self.per_object, self.seed = steps, num_frames, per_object, seed
        self.refresh = REFRESH | refresh if refresh else None
        self.settings = dict(
            batch_size=batch_size,
            optim_wrapper=dict(optim_wrapper),
            parts=None if parts is None else list(parts),
        )
        self.pipeline = Compose([TRANSFORMS.build(dict(step)) for step in pipeline])

    def attach(self, segmentor: Tracker) -> 'AdaptedTracker':
        """A tracker of one stream."""
        return AdaptedTracker(self, segmentor)

    def train(self, model: Any, clips: Mapping[str, Any], steps: int, *names: object) -> Any:
        """A copy of ``model`` trained on ``clips``; see :func:`augmented_samples`."""
        with seeded(self.seed, *names):
            samples = augmented_samples(self.pipeline, clips)
            return adapted_copy(model, samples, steps, **self.settings)


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
    """State of one view: that of every group's model, in the order of the groups."""

    video: VideoInfo
    states: list[Any] = field(default_factory=list)
    forked: bool = False


class AdaptedTracker:
    """The three steps of a segmentor, taken by its adapted copies.

    Args:
        adapter: how copies are trained.
        segmentor: what they are copies of.
    """

    def __init__(self, adapter: OnlineAdapter, segmentor: Any) -> None:
        self.adapter, self.segmentor = adapter, segmentor
        self.skips_prompted_frames = segmentor.skips_prompted_frames
        self.zero_masks_in_padding = segmentor.zero_masks_in_padding
        self.groups: list[_Group] = []
        self.examples: list[_Example] = []
        self.adapted_at = -1  # frame; views of one stream share the copies

    def start(self, video: VideoInfo) -> AdaptedState:
        """See :class:`StreamingSegmentor`."""
        return AdaptedState(video)

    def segment(self, state: AdaptedState, frame: Frame) -> Tensor:
        """See :class:`StreamingSegmentor`."""
        parts = [
            group.model.segment(inner, frame) for group, inner in zip(self.groups, state.states, strict=False)
        ]
        return torch.cat(parts)

    def remember(
        self, state: AdaptedState, frame: Frame, probs: Tensor, prompted: Mapping[int, ObjectPrompt]
    ) -> None:
        """See :class:`StreamingSegmentor`; where objects are prompted, training comes first."""
        self._assign(len(probs))
        if not state.forked and frame.index != self.adapted_at:
            self._adapt(frame, probs, prompted)
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

    def _adapt(self, frame: Frame, probs: Tensor, prompted: Mapping[int, ObjectPrompt]) -> None:
        refresh = self.adapter.refresh
        if prompted:
            self.examples.append(_example(frame, probs, prompted))
            examples, steps = self.examples, self.adapter.steps
        elif refresh and frame.index - self.adapted_at >= refresh['every']:
            examples, steps = (
                [*self.examples, _confident(frame, probs, refresh['confidence'])],
                refresh['steps'],
            )
        else:
            return
        self.adapted_at = frame.index
        for group in self.groups:
            if steps and (not prompted or not self.adapter.per_object or group.slots[0] in prompted):
                clips = self._clips(examples, group.slots)
                if clips:
                    group.model = self.adapter.train(group.model, clips, steps, frame.index, group.slots)

    def _clips(self, examples: list[_Example], slots: list[int]) -> dict[str, Any]:
        """Clips of the examples that show any of the objects, which become 1..n."""
        table = np.zeros(256, np.uint8)
        table[VOID] = VOID
        for local, slot in enumerate(slots, 1):
            table[slot + 1] = local
        clips = {}
        for example in examples:
            id_mask = table[example.id_mask]
            if np.isin(id_mask, range(1, len(slots) + 1)).any():
                clips[example.name] = lambda image=example.image, id_mask=id_mask, name=example.name: (
                    still_clip(image, id_mask, len(slots), self.adapter.num_frames, name)
                )
        return clips


def _example(frame: Frame, probs: Tensor, prompted: Mapping[int, ObjectPrompt]) -> _Example:
    """What the user gave in a frame; objects known by predictions alone are void."""
    labels = _distribution(frame, probs).argmax(0).cpu().numpy()
    given = np.isin(labels, [0, *(slot + 1 for slot in prompted)])
    return _Example(f'frame {frame.name}', _resized(frame), np.where(given, labels, VOID).astype(np.uint8))


def _confident(frame: Frame, probs: Tensor, confidence: float) -> _Example:
    """What the method found in a frame, void where it is not sure."""
    best, labels = _distribution(frame, probs).max(0)
    id_mask = torch.where(best >= confidence, labels, VOID).cpu().numpy().astype(np.uint8)
    return _Example(f'frame {frame.name}', _resized(frame), id_mask)


def _distribution(frame: Frame, probs: Tensor) -> Tensor:
    """(N+1, h, w), background first, at the working resolution without padding and mirroring."""
    maps = frame.geometry.unpad(probs)
    maps = maps.flip(-1) if frame.geometry.flip else maps
    return torch.cat([1 - maps.sum(0, keepdim=True), maps])


def _resized(frame: Frame) -> np.ndarray:
    """The source's image at the working resolution, uint8 (h, w, 3) BGR."""
    geometry = frame.geometry
    image = geometry.to_work(frame.image)
    return np.ascontiguousarray(image[:, ::-1]) if geometry.flip else image
