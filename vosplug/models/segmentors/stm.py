"""Space-time memory network (Oh et al. 2019; the VOS model of Voigtlaender et al. 2021)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ...registry import MODELS
from ..aggregation import soft_aggregate
from ..memory import WorkingMemory, space_time_read, squared_distance_similarity
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

    Keys come from the image alone and are shared by all objects (Cheng et al. 2021, STCN), so a frame is
    encoded and matched once whatever the number of objects.

    Args:
        memory: config; a :class:`~vosplug.models.memory.WorkingMemory` unless it names another type.
        kwargs: of :class:`MatchingSegmentor`; values come from a
            :class:`~vosplug.models.memory.MaskValueEncoder`, masks from a
            :class:`~vosplug.models.heads.SpaceTimeDecodeHead`.
    """

    def __init__(self, memory: dict | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        self.memory_cfg = dict(type='WorkingMemory') | (memory or {})
        self.start()  # unknown options fail here, not in the first video

    # ------------------------------------------------------------------ training

    def clip_logits(self, clip: EncodedClip, frames: Sequence[int], masks: Tensor, valid: Tensor) -> Tensor:
        """See the base; every frame but the last is remembered with its predicted masks."""
        size = clip.images.shape[-2:]
        keys = clip.key.flatten(3)
        values, logits = [], []
        for k in range(1, len(frames)):
            before, t = frames[k - 1], frames[k]
            value = self.value_encoder(clip.images[:, before], clip.features[-1][:, before], masks)
            values.append(value.flatten(3))
            memory_key = keys[:, list(frames[:k])].transpose(1, 2).flatten(2)
            similarity = squared_distance_similarity(memory_key, keys[:, t])
            read = space_time_read(similarity, torch.cat(values, -1).flatten(1, 2))
            read = read.unflatten(1, value.shape[1:3]).unflatten(-1, value.shape[-2:])
            logits.append(self.decode_head([f[:, t] for f in clip.features], read, size))
            prob = logits[-1].sigmoid() * valid[..., None, None]
            masks = soft_aggregate(prob).softmax(1)[:, 1:]
        return torch.stack(logits, 1)

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
        values = self.value_encoder(image, state.features[-1], probs[None])
        state.memory.add(t, state.key[0], values[0], prompted)
