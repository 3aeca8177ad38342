"""Sequence-to-sequence segmentation: an encoder, a ConvLSTM and a decoder (Xu et al. 2018)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from ...errors import ConfigError
from ...registry import MODELS
from ..blocks import per_object
from ..memory.conv_lstm import LSTMState
from .base import BaseVideoSegmentor
from .reach import within_reach

Seen = tuple[Tensor, ...]  # a normalised frame (B, 3, H, W), then the backbone's levels, finest first


@dataclass
class Seq2SeqState:
    """State of one video, or of a batch of clips.

    Attributes:
        newest: LSTM state after the last remembered frame; None before the first.
        advanced: LSTM state after the last segmented frame, until it is remembered.
        masks: (B, N, H, W) in [0, 1] of the last remembered frame.
    """

    newest: LSTMState | None = None
    advanced: LSTMState | None = None
    masks: Tensor | None = None


@MODELS.register_module()
class Seq2Seq(BaseVideoSegmentor):
    """Represents each object by the state of a ConvLSTM, updated in every frame and read by a decoder.

    Xu et al. 2018, Sec. 4.2. The *Initializer* computes an object's first state from a frame and its prompted
    mask; a later prompt resets it. The *Encoder* sees each frame, and the state advances in every frame, even
    where all objects are prompted.

    The variants of Sec. 5.4: without ``start_backbone`` the downscaled mask itself is the first state
    ("Initializer variants"); with ``previous_mask`` as well, one network is both Initializer and Encoder
    ("Encoder variants").

    Args:
        backbone: config of the Encoder's network: images, with ``previous_mask`` and masks as fourth channel,
            to levels, finest first.
        in_channels: of its last level.
        memory: config of a :class:`~vosplug.models.memory.ConvLSTM`, whose ``in_channels`` are ``channels``.
        decode_head: config of a :class:`~vosplug.models.heads.UpsamplingDecodeHead`.
        start_backbone: config of the Initializer's network, for images with the mask as fourth channel; its
            last level has the shape of the backbone's. None: see above.
        channels: of the state and of the Encoder's output.
        previous_mask: the Encoder sees the object's previous mask.
        reach: an object is only searched for near its previous mask, see
            :func:`~vosplug.models.segmentors.reach.within_reach`; None, as in the paper: in the whole frame.
            Not used in training.
        truncate: gradients of a training clip are cut every this many frames (truncated backpropagation
            through time); 0: they reach the first frame.
        checkpointing: recompute the activations of a training clip in the backward pass, which takes a third
            more time and lets longer clips fit into memory. Batch statistics would be updated twice, so it is
            for networks without them, or with ``norm_eval``. (With mmengine's ``activation_checkpointing``,
            networks that see only images get no gradients.)
        kwargs: of :class:`BaseVideoSegmentor`.

    Raises:
        ConfigError: a negative reach.
    """

    zero_masks_in_padding = True

    def __init__(
        self,
        backbone: dict,
        in_channels: int,
        memory: dict,
        decode_head: dict,
        start_backbone: dict | None = None,
        channels: int = 512,
        previous_mask: bool = False,
        reach: float | None = None,
        truncate: int = 0,
        checkpointing: bool = False,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.backbone = MODELS.build(backbone)
        self.start_backbone = MODELS.build(start_backbone) if start_backbone else None
        if reach is not None and reach < 0:
            raise ConfigError(f'model.reach: found {reach}, expected 0 or more, or None.')
        self.channels, self.previous_mask, self.truncate = channels, previous_mask, truncate
        self.reach = reach
        self.checkpointing = checkpointing
        self.project = _projection(in_channels, channels)
        self.starts_from_network = start_backbone is not None or previous_mask
        if self.starts_from_network:
            self.start_hidden = _projection(in_channels, channels)
            self.start_cell = _projection(in_channels, channels)
        self.memory = MODELS.build(memory)
        self.decode_head = MODELS.build(decode_head)

    def encode(self, images: Tensor) -> Seen:
        """See the base; with previous masks nothing can be computed before they are known."""
        return (images,) if self.previous_mask else (images, *self._run(self.backbone, images))

    def _run(self, part: nn.Module, *inputs: Any) -> Any:
        """Output of a part; its activations are not kept with :attr:`checkpointing`."""
        if self.checkpointing and torch.is_grad_enabled():
            return checkpoint(part, *inputs, use_reentrant=False)
        return part(*inputs)

    def new_state(self, clip: bool) -> Seq2SeqState:
        """See the base."""
        return Seq2SeqState()

    def segment_step(self, state: Seq2SeqState, t: int, frame: Seen) -> Tensor:
        """See the base."""
        image, *levels = frame
        if self.previous_mask:
            levels = self._run(self.backbone, with_masks(image, state.masks))
        x = self.project(levels[-1])
        if self.previous_mask:
            x = x.unflatten(0, state.masks.shape[:2])
        state.advanced = self._run(self.memory, x, state.newest)
        logits = self._run(self.decode_head, state.advanced.hidden, levels, image.shape[-2:])
        return logits if self.training else within_reach(logits, state.masks, self.reach)

    def remember_step(
        self, state: Seq2SeqState, t: int, frame: Seen, masks: Tensor, prompted: Collection[int]
    ) -> None:
        """See the base."""
        newest = state.advanced or state.newest
        known = 0 if newest is None else newest.hidden.shape[1]
        slots = sorted({*prompted, *range(known, masks.shape[1])})
        if slots:
            newest = _put(newest, self.first_state(frame, masks[:, slots]), slots, masks.shape[1])
        if self.truncate and t % self.truncate == 0:
            newest = LSTMState(*(part.detach() for part in newest)) if t else newest
        state.newest, state.advanced = newest, None
        state.masks = masks

    def first_state(self, frame: Seen, masks: Tensor) -> LSTMState:
        """State of objects (B, N, C, h, w) that are prompted with masks (B, N, H, W)."""
        if not self.starts_from_network:
            small = F.interpolate(masks, frame[-1].shape[-2:], mode='area')
            filled = small.unsqueeze(2).expand(-1, -1, self.channels, -1, -1)
            return LSTMState(filled, filled)
        network = self.start_backbone or self.backbone
        top = self._run(network, with_masks(frame[0], masks))[-1]
        hidden, cell = (
            part(top).unflatten(0, masks.shape[:2]) for part in (self.start_hidden, self.start_cell)
        )
        return LSTMState(hidden, cell)

    def fork(self, state: Seq2SeqState) -> Seq2SeqState:
        """See the base; tensors of a state are replaced, never changed."""
        return replace(state)

    def compute_losses(self, logits: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        """See the base."""
        return self.decode_head.losses(logits, targets)


def _projection(in_channels: int, channels: int) -> nn.Sequential:
    """A 1x1 convolution with ReLU, Xavier-initialised."""
    conv = nn.Conv2d(in_channels, channels, 1)
    nn.init.xavier_uniform_(conv.weight)
    nn.init.zeros_(conv.bias)
    return nn.Sequential(conv, nn.ReLU())


def _put(state: LSTMState | None, new: LSTMState, slots: Collection[int], total: int) -> LSTMState:
    """A state of ``total`` objects: ``state``, with the objects in ``slots`` replaced by ``new`` ones."""
    parts = []
    for k, fresh in enumerate(new):
        part = fresh.new_zeros(len(fresh), total, *fresh.shape[2:])
        if state is not None:
            part[:, : state[k].shape[1]] = state[k]
        part[:, list(slots)] = fresh
        parts.append(part)
    return LSTMState(*parts)


def with_masks(images: Tensor, masks: Tensor) -> Tensor:
    """Images (B, 3, H, W) with each object's mask (B, N, H, W) as fourth channel: (B * N, 4, H, W)."""
    return torch.cat([per_object(images, masks.shape[1]), masks.flatten(0, 1).unsqueeze(1)], 1)
