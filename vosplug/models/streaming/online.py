"""Online adaptation: a copy of the model learns the objects of a video while it streams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from mmcv.transforms import Compose
from mmengine.model import BaseModel
from torch import Tensor

from ...errors import ConfigError
from ...registry import MODELS, TRANSFORMS
from ...structures import ObjectPrompt
from .adaptation import adapted_copy, augmented_samples, sample_pool, seeded
from .examples import Example, clips_of, confident_example, given_example, prompted_example
from .prompt_masks import PromptMasks
from .records import Frame, Geometry, VideoInfo
from .view import Tracker

REFRESH = dict(every=0, steps=0, confidence=0.95)


@MODELS.register_module()
class OnlineAdapter:
    """Trains a copy of a segmentor on augmented prompted frames (``test_cfg.online``).

    Every stream has its own copies, dropped with it; the segmentor itself is unchanged. The same seed and
    prompts give the same copies. All views of a stream (``scales``, ``flip``) share the copies, which learn
    from the frames of the first view, at its working resolution. A state keeps what it remembers of earlier
    frames when its copy is trained again. Objects whose masks are all empty train nothing.

    Args:
        steps: of the optimizer, in every prompted frame, on all prompted frames so far; 0: none. A box counts
            as the mask that the initializer makes of it.
        optim_wrapper: config.
        pipeline: transforms of a clip that shows the frame ``num_frames`` times, up to ``PackClip``.
        num_frames: of a training clip, the first of which starts it; 1 for methods that learn from single
            frames.
        batch_size: clips per step.
        param_scheduler: see :func:`adapted_copy`.
        num_samples: train on a fixed pool of this many augmented clips; None: on a new one every time.
        parts: what is trained, see :func:`adapted_copy`; None: all.
        per_object: one copy for each object, which then sees only that object's masks; otherwise one for all.
        all_prompts: the first training uses all prompted frames of the video, including later ones, and later
            prompts train nothing (Perazzi et al. 2017, Sec. 5.4). For recorded videos. Boxes count as the
            initializer's masks, even where it refines.
        refresh: after ``every`` frames without training, ``steps`` more on the prompted frames and on the
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
        param_scheduler: dict | Sequence[dict] = (),
        num_samples: int | None = None,
        parts: Sequence[str] | None = None,
        per_object: bool = False,
        all_prompts: bool = False,
        refresh: dict | None = None,
        seed: int = 0,
    ) -> None:
        if steps < 0 or min(num_frames, batch_size) < 1 or (num_samples is not None and num_samples < 1):
            raise ConfigError(
                f'OnlineAdapter: found steps={steps}, num_frames={num_frames}, batch_size={batch_size}, '
                f'num_samples={num_samples}; expected steps of 0 or more, and 1 or more for the others.'
            )
        self.refresh = REFRESH | (refresh or {})
        if self.refresh.keys() != REFRESH.keys() or (refresh and min(self.refresh.values()) <= 0):
            raise ConfigError(
                f'OnlineAdapter.refresh: found {refresh}, expected every and steps of 1 or more, and '
                'optionally confidence above 0.'
            )
        self.steps, self.num_frames, self.num_samples, self.seed = steps, num_frames, num_samples, seed
        self.per_object, self.all_prompts = per_object, all_prompts
        self.settings: dict[str, Any] = dict(
            batch_size=batch_size, optim_wrapper=optim_wrapper, param_scheduler=param_scheduler, parts=parts
        )
        self.pipeline = Compose([TRANSFORMS.build(dict(step)) for step in pipeline])

    def attach(
        self, segmentor: Tracker, ids: Sequence[int], copies: 'VideoCopies | None' = None
    ) -> 'AdaptedTracker':
        """The adapted tracker for one pass over a video.

        Args:
            segmentor: the segmentor to adapt.
            ids: the video's objects in the order of their appearance in the pass.
            copies: for ``all_prompts``; several passes may share them.

        Raises:
            ConfigError: the segmentor cannot be trained here.
        """
        if not isinstance(segmentor, BaseModel):
            raise ConfigError(
                f'test_cfg.online: {type(segmentor).__name__} is not an mmengine.model.BaseModel, so it '
                'cannot be trained. Leave `online` out.'
            )
        return AdaptedTracker(self, segmentor, ids, copies)

    def train(
        self, model: BaseModel, examples: Sequence[Example], ids: Sequence[int], steps: int, name: object
    ) -> BaseModel:
        """A copy of ``model`` trained on some objects of the examples; the name is part of the seed.

        It is the model itself if there are no steps, or if no example shows any of the objects.
        """
        clips = clips_of(examples, ids, self.num_frames)
        if not (steps and clips):
            return model
        with seeded(self.seed, name):
            if self.num_samples is None:
                samples = augmented_samples(self.pipeline, clips)
            else:
                samples = sample_pool(self.pipeline, clips, self.num_samples, (self.seed, name))
            tuned = adapted_copy(model, samples, steps, **self.settings)
        tuned.adapted(model)
        return tuned


class VideoCopies:
    """Copies of a segmentor trained on all prompted frames of a video, each on first use.

    Args:
        adapter: how copies are trained.
        segmentor: the segmentor that is copied.
        given: the video and its prompts.
    """

    def __init__(self, adapter: OnlineAdapter, segmentor: Any, given: PromptMasks) -> None:
        self.adapter, self.segmentor, self.given = adapter, segmentor, given
        self._examples: list[Example] = []
        self._copies: dict[int | None, Any] = {}

    def examples(self, geometry: Geometry) -> list[Example]:
        """Examples of all prompted frames; the geometry is that of a stream's first view at every call."""
        if not self._examples:
            self._examples = [given_example(self.given, t, geometry) for t in self.given.prompts]
        return self._examples

    def copy_of(self, object_id: int, geometry: Geometry) -> Any:
        """The copy for an object; all objects share one unless ``per_object``."""
        prompts, own = self.given.prompts, self.adapter.per_object
        key = object_id if own else None
        if key not in self._copies:
            ids = [object_id] if own else prompts.object_ids
            name = prompts.first_frame, [prompts.object_ids.index(i) for i in ids]
            self._copies[key] = self.adapter.train(
                self.segmentor, self.examples(geometry), ids, self.adapter.steps, name
            )
        return self._copies[key]


@dataclass
class _Group:
    """Objects that share a copy of the model."""

    slots: list[int]
    model: Any


@dataclass
class AdaptedState:
    """State of one view: the states of all groups' models, in the order of the groups.

    The last groups may still be missing if another view saw them first.
    """

    video: VideoInfo
    states: list[Any] = field(default_factory=list)
    forked: bool = False


class AdaptedTracker:
    """Runs the steps of a segmentor with its adapted copies, which the views of one pass share.

    Args:
        adapter: how copies are trained.
        segmentor: the segmentor that is copied.
        ids: slot -> object id, of all objects of the video.
        copies: trained on all prompted frames; None: copies are trained in prompted frames as they come.
    """

    def __init__(
        self, adapter: OnlineAdapter, segmentor: Any, ids: Sequence[int], copies: VideoCopies | None
    ) -> None:
        self.adapter, self.segmentor, self.ids, self.copies = adapter, segmentor, ids, copies
        self.skips_prompted_frames = segmentor.skips_prompted_frames
        self.zero_masks_in_padding = segmentor.zero_masks_in_padding
        self.groups: list[_Group] = []  # concatenated, the slots of all groups are 0, 1, 2, ...
        self.examples: list[Example] = []  # of prompted frames
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

    def shrink(self, state: AdaptedState) -> bool:
        """See :class:`StreamingSegmentor`."""
        shrunk = [g.model.shrink(s) for g, s in zip(self.groups, state.states, strict=False)]  # all of them
        return any(shrunk)

    def fork(self, state: AdaptedState) -> AdaptedState:
        """See :class:`StreamingSegmentor`; nothing is trained on a fork."""
        inner = [g.model.fork(s) for g, s in zip(self.groups, state.states, strict=False)]
        return AdaptedState(state.video, inner, forked=True)

    def _assign(self, objects: int) -> None:
        """Assign every slot to a group; new groups start from the segmentor itself."""
        for slot in range(sum(len(group.slots) for group in self.groups), objects):
            if self.adapter.per_object or not self.groups:
                self.groups.append(_Group([slot], self.segmentor))
            else:
                self.groups[0].slots.append(slot)

    def _train_if_due(self, frame: Frame, probs: Tensor, prompted: Mapping[int, ObjectPrompt]) -> None:
        refresh = self.adapter.refresh
        if prompted and self.copies:
            self._take_copies(self.copies, frame)
        elif prompted:
            self.examples.append(prompted_example(frame, probs, prompted, self.ids))
            groups = [g for g in self.groups if not prompted.keys().isdisjoint(g.slots)]
            self._train(groups, self.examples, self.adapter.steps, frame)
        elif refresh['every'] and frame.index - self.trained_at >= refresh['every']:
            current = confident_example(frame, probs, refresh['confidence'], self.ids)
            self._train(self.groups, [*self.examples, current], refresh['steps'], frame)

    def _take_copies(self, copies: VideoCopies, frame: Frame) -> None:
        """Give copies to groups that have none yet, in the frame where their first object enters."""
        for group in self.groups:
            if group.model is self.segmentor:
                group.model = copies.copy_of(self.ids[group.slots[0]], frame.geometry)
                self.examples, self.trained_at = copies.examples(frame.geometry), frame.index

    def _train(self, groups: Sequence[_Group], examples: Sequence[Example], steps: int, frame: Frame) -> None:
        trained = []  # assigned together: a step that runs out of memory on the way is repeated
        for group in groups:
            ids, name = [self.ids[slot] for slot in group.slots], (frame.index, group.slots)
            trained.append(self.adapter.train(group.model, examples, ids, steps, name))
        for group, model in zip(groups, trained, strict=True):
            group.model = model
        self.trained_at = frame.index
