"""LWL: masks predicted by filters that are learned during the video (Bhat et al. 2020)."""

from collections.abc import Collection, Sequence
from typing import Any

import torch
from torch import Tensor

from ...registry import MODELS
from .matching import EncodedFrame, MatchingSegmentor


@MODELS.register_module()
class LWL(MatchingSegmentor):
    """Learns from prompted frames, and from its own masks, to predict each object's mask from features.

    Bhat et al. 2020, "Learning What to Learn for Video Object Segmentation"; the VOS model of Zhao et al.
    2021. A label encoder turns masks into labels for the few-shot learner, and a decoder turns the learner's
    predictions into masks. The authors crop each object's surroundings; here objects share the whole frame
    and its features.

    Args:
        key_projection: config of :class:`~vosplug.models.FilterFeatures`.
        value_encoder: config of :class:`~vosplug.models.MaskLabelEncoder`.
        decode_head: config of :class:`~vosplug.models.LWLDecodeHead`.
        memory: config; a :class:`~vosplug.models.FewShotMemory` unless it names another type.
        stride_level: index of the backbone level, of stride 16, that filters are learned on.
        kwargs: of :class:`MatchingSegmentor`.
    """

    zero_masks_in_padding = True

    def __init__(self, memory: dict | None = None, stride_level: int = 2, **kwargs: Any) -> None:
        super().__init__(memory=dict(type='FewShotMemory') | (memory or {}), **kwargs)
        self.stride_level = stride_level

    def key_input(self, levels: Sequence[Tensor]) -> Tensor:
        """See the base."""
        return levels[self.stride_level]

    def remember_step(
        self, state: Any, t: int, frame: EncodedFrame, masks: Tensor, prompted: Collection[int]
    ) -> None:
        """See the base."""
        encoded = self.value_encoder(masks.flatten(0, 1))
        values = torch.cat([part.unflatten(0, masks.shape[:2]) for part in encoded], 2)
        self.memory.write(state, t, frame.key, values, prompted)
