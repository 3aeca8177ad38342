"""Space-time memory network (Oh et al. 2019; the VOS model of Voigtlaender et al. 2021)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ...registry import MODELS
from ..aggregation import soft_aggregate
from ..memory import WorkingMemory, read_objects
from .matching import EncodedClip, MatchingSegmentor


class STMState:
    """State of one video: its memory, and the features of the frame last encoded.

    ``features`` belong to frame ``t``; a frame is encoded once, whether for segmenting or remembering.
    """

    def __init__(self, memory: WorkingMemory) -> None:
        self.memory = memory
        self.t = -1
        self.features: list[Tensor] = []
        self.key: Tensor | None = None


@MODELS.register_module()
class STM(MatchingSegmentor):
    """Remembers frames with their masks as keys and values, and reads them by matching keys.

    Its parts decide which network it is:

    * the original (Oh et al. 2019): a :class:`~vosplug.models.memory.KeyValueEncoder` gives every object
      values and keys of its own, a :class:`~vosplug.models.heads.RefinementDecodeHead` the masks;
    * with keys from the image alone (Cheng et al. 2021, STCN), so that a frame is encoded and matched once
      whatever the number of objects: :class:`~vosplug.models.memory.MaskValueEncoder` and
      :class:`~vosplug.models.heads.SpaceTimeDecodeHead`.

    Args:
        memory: config; a :class:`~vosplug.models.memory.WorkingMemory` unless it names another type. Training
            reads with its ``similarity``.
        kwargs: of :class:`MatchingSegmentor`.
    """

    blank_padding = True

    def __init__(self, memory: dict | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        self.memory_cfg = dict(type='WorkingMemory') | (memory or {})
        self.similarity = self.start().memory.similarity

    # ------------------------------------------------------------------ training

    def clip_logits(self, clip: EncodedClip, frames: Sequence[int], masks: Tensor, valid: Tensor) -> Tensor:
        """See the base; every frame but the last is remembered with its predicted masks."""
        size = clip.images.shape[-2:]
        keys, values, logits = [], [], []
        for k in range(1, len(frames)):
            before, t = frames[k - 1], frames[k]
            image, feature, shared = (x[:, before] for x in (clip.images, clip.features[-1], clip.key))
            key, value = self._encode_memory(image, feature, shared, masks)
            keys.append(key.flatten(3))
            values.append(value.flatten(3))
            query = clip.key[:, t].flatten(2)
            read = read_objects(self.similarity, torch.cat(keys, -1), torch.cat(values, -1), query)
            read = read.unflatten(-1, value.shape[-2:])
            logits.append(self.decode_head([f[:, t] for f in clip.features], read, size))
            prob = logits[-1].sigmoid() * valid[..., None, None]
            masks = soft_aggregate(prob).softmax(1)[:, 1:]
        return torch.stack(logits, 1)

    def _encode_memory(
        self, image: Tensor, feature: Tensor, key: Tensor, masks: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Keys (B, G, C, h, w), G = 1 where the image's ``key`` serves all objects, and values of a frame."""
        encoded = self.value_encoder(image, feature, masks)
        return encoded if isinstance(encoded, tuple) else (key.unsqueeze(1), encoded)

    # ------------------------------------------------------------------ inference

    def start(self) -> STMState:
        """See the base."""
        return STMState(MODELS.build(self.memory_cfg))

    def _encode_once(self, state: STMState, t: int, image: Tensor) -> None:
        if state.t != t:
            state.features, state.key = self.encode(image)
            state.t = t

    def segment(self, state: STMState, t: int, image: Tensor) -> Tensor:
        """See the base."""
        self._encode_once(state, t, image)
        read = state.memory.read(state.key[0])
        return self.decode_head(state.features, read[None], image.shape[-2:])[0]

    def remember(self, state: STMState, t: int, image: Tensor, probs: Tensor, prompted: bool) -> None:
        """See the base."""
        if not state.memory.is_due(t, prompted):
            return
        self._encode_once(state, t, image)
        keys, values = self._encode_memory(image, state.features[-1], state.key, probs[None])
        state.memory.add(t, keys[0], values[0], prompted)
