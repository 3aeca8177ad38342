"""What methods share that match a frame against remembered ones."""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor

from ...registry import MODELS
from .base import BaseVideoSegmentor


class EncodedClip(NamedTuple):
    """Clips (B, T, 3, H, W) with their features and keys, each (B, T, C, h, w)."""

    images: Tensor
    features: list[Tensor]
    key: Tensor | tuple[Tensor, ...]


class MatchingSegmentor(BaseVideoSegmentor):
    """Backbone, keys, values and decoder around a memory.

    Args:
        backbone: image -> feature levels, finest first.
        key_projection: the backbone's coarsest levels -> keys.
        value_encoder: image and masks -> values, and maybe keys.
        decode_head: features and values read -> logits; has the losses (:class:`BaseMaskHead`).
        neck: feature levels -> the levels that values and decoder use, the last one at the key's stride;
            without it, they use the backbone's.
        key_levels: how many of the coarsest levels keys are made of.
        kwargs: of :class:`BaseVideoSegmentor`.
    """

    def __init__(
        self,
        backbone: dict,
        key_projection: dict,
        value_encoder: dict,
        decode_head: dict,
        neck: dict | None = None,
        key_levels: int = 2,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.backbone = MODELS.build(backbone)
        self.neck = MODELS.build(neck) if neck else None
        self.key_projection = MODELS.build(key_projection)
        self.key_levels = key_levels
        self.value_encoder = MODELS.build(value_encoder)
        self.decode_head = MODELS.build(decode_head)

    def encode(self, images: Tensor) -> tuple[Sequence[Tensor], Tensor | tuple[Tensor, ...]]:
        """Feature levels, finest first, and keys of normalised (B, 3, H, W) images."""
        levels = self.backbone(images)
        features = self.neck(levels) if self.neck else levels
        return features, self.key_projection(levels[-self.key_levels :])

    def encode_clip(self, inputs: Tensor) -> EncodedClip:
        """See the base."""
        features, key = self.encode(inputs.flatten(0, 1))
        batch = inputs.shape[:2]
        if isinstance(key, Tensor):
            key = key.unflatten(0, batch)
        else:
            key = type(key)(*(part.unflatten(0, batch) for part in key))
        return EncodedClip(inputs, [f.unflatten(0, batch) for f in features], key)

    def compute_losses(self, logits: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        """See the base."""
        return self.decode_head.losses(logits, targets)
