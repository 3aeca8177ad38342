"""Base class of trainable methods: one set of steps for training clips and for streams."""

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from mmengine.model import BaseModel
from torch import Tensor

from ...errors import ConfigError, VOSError
from ...registry import MODELS
from ...structures import ObjectPrompt, Supervision, VOSDataSample, clip_fields, stack_fields
from ..streaming import Frame, StreamingSegmentor, VideoInfo
from ..streaming.records import Padding
from ..training import propagate, split_frames, start_masks, teacher_masks


class BaseVideoSegmentor(StreamingSegmentor, BaseModel):
    """Base of all segmentors that are trained here.

    A method implements the steps for one frame, batched over B videos and N objects: :meth:`encode`,
    :meth:`new_state`, :meth:`segment_step` and :meth:`remember_step` (see
    :class:`~vosplug.models.training.ClipModel`). A stream takes these steps for one video, training for a
    batch of clips; only the state differs.

    Args:
        data_preprocessor: config.
        initializer: see :class:`StreamingSegmentor`. If it refines, training refines too. Training clips with
            boxes start from filled boxes unless the pipeline has
            :class:`~vosplug.datasets.transforms.StartMasks`.
        test_cfg: see :class:`StreamingSegmentor`.
        teacher_forcing: chance that a frame of a training clip is remembered with its annotated masks in
            place of the predicted ones; a hook may change it.
        init_cfg: mmengine's.

    Raises:
        ConfigError: a chance out of range; see also :class:`StreamingSegmentor`.
    """

    def __init__(
        self,
        data_preprocessor: dict | None = None,
        initializer: dict | None = None,
        test_cfg: dict | None = None,
        teacher_forcing: float = 0.0,
        init_cfg: dict | None = None,
    ) -> None:
        # built here: mmengine would look for it in the default scope
        preprocessor = MODELS.build(data_preprocessor or dict(type='VOSDataPreprocessor'))
        BaseModel.__init__(self, preprocessor, init_cfg)
        StreamingSegmentor.__init__(self, initializer, test_cfg)
        if not 0 <= teacher_forcing <= 1:
            raise ConfigError(f'model.teacher_forcing: found {teacher_forcing}, expected 0 to 1.')
        self.teacher_forcing = teacher_forcing

    # ------------------------------------------------------------------ what a method implements

    @abstractmethod
    def encode(self, images: Tensor) -> Any:
        """Features of normalised images (K, 3, H, W) for the steps; tensors, or tuples of them, K first."""

    @abstractmethod
    def new_state(self, clip: bool) -> Any:
        """State of a video, or of a batch of training clips."""

    @abstractmethod
    def segment_step(self, state: Any, t: int, frame: Any) -> Tensor:
        """Logits (B, N, H, W) of the objects in the encoded frame ``t``, independent per object."""

    @abstractmethod
    def remember_step(self, state: Any, t: int, frame: Any, masks: Tensor, prompted: Collection[int]) -> None:
        """Update the state with a frame's final masks (B, N, H, W) in [0, 1] and its ``prompted`` slots."""

    @abstractmethod
    def compute_losses(self, logits: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        """Losses of a clip, usually those of a :class:`~vosplug.models.heads.BaseMaskHead`.

        Args:
            logits: (B, T, N, H, W), including the first frame where boxes were refined.
            targets: output of :func:`~vosplug.structures.stack_fields` for the frames of ``logits``; and
                ``images``, RGB in 0..255 (B, T, 3, H, W), NaN where a clip was padded.
        """

    # ------------------------------------------------------------------ training

    def forward(self, inputs, data_samples=None, mode: str = 'tensor'):
        """MMSegmentation's three modes.

        Args:
            inputs: ``loss`` and ``tensor``: normalised clips (B, T, 3, H, W); ``predict``: list of
                VideoSource.
            data_samples: list of VOSDataSample, or of VideoSample for ``predict``.
            mode: ``'loss'``: dict of losses; ``'predict'``: one iterator of FrameResult per video;
                ``'tensor'``: logits (B, T-1, N, H, W).
        """
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        if mode == 'tensor':
            return self.clip_logits(inputs, stack_fields(data_samples))[0]
        raise ConfigError(f"forward mode {mode!r}: expected 'loss', 'predict' or 'tensor'.")

    def loss(self, inputs: Tensor, data_samples: list[VOSDataSample]) -> dict[str, Tensor]:
        """Losses of a batch of clips; supervision may differ per frame and object."""
        targets = stack_fields(data_samples)
        logits, first = self.clip_logits(inputs, targets)
        if first is None:
            later = {field.name for field in clip_fields(targets) if field.in_time}
            supervised = {k: v[:, 1:] if k in later else v for k, v in targets.items()}
            images = inputs[:, 1:]
        else:
            logits, images = torch.cat([first, logits], 1), inputs
            # given masks are not predictions
            given = ~self.starts_from_box(targets).unsqueeze(1)
            kinds = targets['supervision'][:, :1].masked_fill(given, int(Supervision.NONE))
            supervised = {**targets, 'supervision': torch.cat([kinds, targets['supervision'][:, 1:]], 1)}
        first_frame = inputs.shape[1] - images.shape[1]
        supervised['images'] = self.data_preprocessor.colours(images, data_samples, first_frame)
        losses = self.compute_losses(logits, supervised)
        if not isinstance(losses, dict) or not any('loss' in name for name in losses):
            found = list(losses) if isinstance(losses, dict) else type(losses).__name__
            raise VOSError(
                f'{type(self).__name__}.compute_losses: returned {found}, expected a dict of losses '
                "whose names start with 'loss'; others are logged only."
            )
        return losses

    def clip_logits(self, inputs: Tensor, targets: dict[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Logits (B, T-1, N, H, W) of clips, and those (B, 1, N, H, W) of refined first frames.

        With ``initializer.refine``, objects given by boxes are segmented in the first frame with the
        initializer's masks in memory, and the result starts the clip, as in inference: later frames then
        learn from masks, not from boxes.

        Args:
            inputs: normalised (B, T, 3, H, W).
            targets: output of :func:`~vosplug.structures.stack_fields`.
        """
        frames = split_frames(self.encode(inputs.flatten(0, 1)), inputs.shape[1])
        valid, masks = targets['valid'], start_masks(targets)
        from_box, first = self.starts_from_box(targets), None
        if from_box is not None:
            first = self.box_logits(frames[0], masks, targets)
            found = self.aggregation(first.sigmoid() * valid[..., None, None]).softmax(1)[:, 1:]
            masks = torch.where(from_box[..., None, None], found, masks)
            first = first.unsqueeze(1)
        teacher = teacher_masks(targets, self.teacher_forcing if self.training else 0)
        return propagate(self, frames, masks, valid, teacher), first

    def starts_from_box(self, targets: dict[str, Tensor]) -> Tensor | None:
        """Objects, bool (B, N), whose masks in the first frame are predicted from their boxes; None: none."""
        boxed = (targets['supervision'][:, 0] == Supervision.BOX.value) & targets['valid']
        return boxed if self.initializer.refine and boxed.any() else None

    def box_logits(self, frame: Any, masks: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """Logits (B, N, H, W) of objects given by boxes in the encoded first frame.

        Args:
            frame: the frame.
            masks: (B, N, H, W) in [0, 1], the initializer's masks of the boxes.
            targets: see :meth:`clip_logits`.
        """
        return propagate(self, [frame, frame], masks, targets['valid'])[:, 0]

    # ------------------------------------------------------------------ inference

    @property
    def size_divisor(self) -> int:
        """Sides of padded clips and frames are multiples of it."""
        return self.data_preprocessor.size_divisor

    def normalise(self, image: np.ndarray, padding: Padding) -> Tensor:
        """See the base; the same as for training images."""
        return self.data_preprocessor.frame(image, padding)

    @contextmanager
    def step_context(self) -> Iterator[None]:
        """Disable gradients and use evaluation mode; afterwards every module is back in its previous mode."""
        training = [module for module in self.modules() if module.training]
        try:
            for module in training:
                module.training = False
            with torch.no_grad():
                yield
        finally:
            for module in training:
                module.training = True

    def start(self, video: VideoInfo) -> Any:
        """See the base."""
        return self.new_state(clip=False)

    def _encoded(self, frame: Frame) -> Any:
        return frame.once(self, 'encoded', lambda: self.encode(frame.tensor))

    def segment(self, state: Any, frame: Frame) -> Tensor:
        """See the base."""
        return self.segment_step(state, frame.index, self._encoded(frame))[0]

    def remember(self, state: Any, frame: Frame, probs: Tensor, prompted: Mapping[int, ObjectPrompt]) -> None:
        """See the base."""
        self.remember_step(state, frame.index, self._encoded(frame), probs[None], prompted)
