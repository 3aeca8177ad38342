"""XMem: sensory, working and long-term memory (Cheng & Schwing 2022; the model of Skogh 2024)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ...errors import ConfigError
from ...registry import MODELS
from .matching import EncodedFrame, MatchingSegmentor

# the published training (Cheng & Schwing 2022, Sec. 3.5 and their code)
TRAINING = dict(num_ref_frames=3, deep_update_prob=0.2)


@dataclass
class XMemState:
    """State of one video, or of a batch of clips.

    Attributes:
        memory: state of the memory module.
        sensory: (B, N, Cs, h, w), after the last remembered frame; None before the first.
        maps: of the decoder in the last segmented frame, which update the sensory state once the frame is
            remembered.
    """

    memory: Any
    sensory: Tensor | None = None
    maps: list[Tensor] | None = None


@MODELS.register_module()
class XMem(MatchingSegmentor):
    """Reads a bounded memory of keys and values, and carries a sensory state from frame to frame.

    Args:
        memory: config; a :class:`~vosplug.models.memory.LongTermMemory` unless it names another type, whose
            states have ``deep_update_is_due`` and ``deep_update_replaces``.
        train_cfg: ``num_ref_frames``: frames in memory at a training step, drawn from those before it;
            ``deep_update_prob``: chance of a deep update at a training step.
        kwargs: of :class:`MatchingSegmentor`; values come from a
            :class:`~vosplug.models.memory.FusionValueEncoder`, masks from a
            :class:`~vosplug.models.heads.SensoryDecodeHead`.

    Raises:
        ConfigError: an unknown or impossible option.
    """

    def __init__(self, memory: dict | None = None, train_cfg: dict | None = None, **kwargs) -> None:
        super().__init__(memory=dict(type='LongTermMemory') | (memory or {}), **kwargs)
        self.train_cfg = TRAINING | (train_cfg or {})
        unknown = set(self.train_cfg) - set(TRAINING)
        if unknown:
            raise ConfigError(
                f'model.train_cfg: unknown {sorted(unknown)}; expected some of {sorted(TRAINING)}.'
            )
        if self.value_encoder.mask_channel != self.decode_head.propagate:
            raise ConfigError(
                f'model: found value_encoder.mask_channel={self.value_encoder.mask_channel} and '
                f'decode_head.propagate={self.decode_head.propagate}, expected both True or both False: '
                "with propagate, the decoder corrects the mask in the value's last channel."
            )

    def new_state(self, clip: bool) -> XMemState:
        """See the base."""
        return XMemState(self.memory.new_clip_state(**self.train_cfg) if clip else self.memory.new_state())

    def shrink(self, state: XMemState) -> bool:
        """See the base."""
        return self.memory.shrink(state.memory)

    def segment_step(self, state: XMemState, t: int, frame: EncodedFrame) -> Tensor:
        """See the base."""
        read = self.memory.readout(state.memory, frame.key)
        logits, state.maps = self.decode_head(frame.features, read, state.sensory, frame.image.shape[-2:])
        return logits

    def remember_step(
        self, state: XMemState, t: int, frame: EncodedFrame, masks: Tensor, prompted: Collection[int]
    ) -> None:
        """See the base."""
        due = self.memory.is_due(state.memory, t, prompted)
        deep = due and state.memory.deep_update_is_due(t)
        sensory = state.sensory
        if state.maps is not None and not (deep and state.memory.deep_update_replaces):
            sensory = self.decode_head.update_sensory(state.maps, sensory)
        sensory = self._with_new_objects(sensory, masks, frame.features[-1])
        if due:
            values, sensory = self.value_encoder(frame.image, frame.features[-1], masks, sensory, deep)
            self.memory.write(state.memory, t, frame.key, values, prompted)
        state.sensory, state.maps = sensory, None

    def _with_new_objects(self, sensory: Tensor | None, masks: Tensor, like: Tensor) -> Tensor:
        """The sensory state of all objects (B, N, Cs, h, w); that of new ones is 0."""
        known = 0 if sensory is None else sensory.shape[1]
        new = like.new_zeros(
            *(len(masks), masks.shape[1] - known), self.decode_head.sensory_channels, *like.shape[-2:]
        )
        return new if sensory is None else torch.cat([sensory, new], 1)
