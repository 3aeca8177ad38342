"""Space-time memory network (Oh et al. 2019; the VOS model of Voigtlaender et al. 2021)."""

from collections.abc import Collection
from typing import Any

from torch import Tensor

from ...registry import MODELS
from .matching import EncodedFrame, MatchingSegmentor


@MODELS.register_module()
class STM(MatchingSegmentor):
    """Remembers frames with their masks as keys and values, and reads them by matching keys.

    Its parts determine which network it is:

    * the original (Oh et al. 2019): a :class:`~vosplug.models.memory.KeyValueEncoder` gives every object its
      own keys and values, and a :class:`~vosplug.models.heads.RefinementDecodeHead` decodes the masks;
    * with keys from the image alone (Cheng et al. 2021, STCN), so that a frame is encoded and matched once
      whatever the number of objects: :class:`~vosplug.models.memory.MaskValueEncoder` and
      :class:`~vosplug.models.heads.SpaceTimeDecodeHead`.

    Args:
        memory: config; a :class:`~vosplug.models.memory.WorkingMemory` unless it names another type.
        kwargs: of :class:`MatchingSegmentor`.
    """

    zero_masks_in_padding = True

    def __init__(self, memory: dict | None = None, **kwargs) -> None:
        super().__init__(memory=dict(type='WorkingMemory') | (memory or {}), **kwargs)

    def remember_step(
        self, state: Any, t: int, frame: EncodedFrame, masks: Tensor, prompted: Collection[int]
    ) -> None:
        """See the base."""
        if not self.memory.is_due(state, t, prompted):
            return
        encoded = self.value_encoder(frame.image, frame.features[-1], masks)
        key, values = encoded if isinstance(encoded, tuple) else (frame.key, encoded)
        self.memory.write(state, t, key, values, prompted)
