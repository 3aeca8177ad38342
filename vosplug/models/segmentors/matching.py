"""Base class of methods that match a frame against a memory of past frames."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from torch import Tensor

from ...errors import VOSError
from ...registry import MODELS
from .base import BaseVideoSegmentor


class EncodedFrame(NamedTuple):
    """A frame, normalised (B, 3, H, W), with its features (B, C, h, w), finest first, and keys."""

    image: Tensor
    features: tuple[Tensor, ...]
    key: Tensor | tuple[Tensor, ...]


class MatchingSegmentor(BaseVideoSegmentor):
    """Backbone, keys, values and decoder around a memory.

    Args:
        backbone: image -> feature levels, finest first.
        key_projection: the backbone's coarsest levels -> keys.
        value_encoder: image and masks -> values, and maybe keys.
        decode_head: features and readout -> logits; has the losses (:class:`BaseMaskHead`).
        memory: config of a :class:`~vosplug.models.memory.BaseMemory`.
        neck: feature levels -> the levels that values and decoder use, the last one at the key's stride;
            without it, they use the backbone's.
        key_levels: number of coarsest levels that keys are computed from.
        kwargs: of :class:`BaseVideoSegmentor`.
    """

    skips_prompted_frames = True

    def __init__(
        self,
        backbone: dict,
        key_projection: dict,
        value_encoder: dict,
        decode_head: dict,
        memory: dict,
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
        self.memory = MODELS.build(memory)
        self.decode_head = MODELS.build(decode_head)

    def encode(self, images: Tensor) -> EncodedFrame:
        """See the base."""
        levels: Sequence[Tensor] = self.backbone(images)
        if isinstance(levels, Tensor):
            raise VOSError(
                f'model.backbone: {type(self.backbone).__name__} returned one tensor, expected a tuple of '
                'levels, finest first.'
            )
        features = self.neck(levels) if self.neck else levels
        return EncodedFrame(images, tuple(features), self.key_projection(self.key_input(levels)))

    def key_input(self, levels: Sequence[Tensor]) -> Any:
        """Of the backbone's levels, what keys are computed from."""
        return levels[-self.key_levels :]

    def new_state(self, clip: bool) -> Any:
        """State of the memory."""
        return self.memory.new_clip_state() if clip else self.memory.new_state()

    def shrink(self, state: Any) -> bool:
        """See the base."""
        return self.memory.shrink(state)

    def segment_step(self, state: Any, t: int, frame: EncodedFrame) -> Tensor:
        """See the base; the decoder gets the features and the readout of each object."""
        read = self.memory.readout(state, frame.key)
        if read.ndim != 5:
            raise VOSError(
                f'model.memory: {type(self.memory).__name__}.readout returned shape {tuple(read.shape)}, '
                'expected (B, N, Cv, h, w), the readout of every object.'
            )
        return self.decode_head(frame.features, read, frame.image.shape[-2:])

    def compute_losses(self, logits: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        """See the base."""
        return self.decode_head.losses(logits, targets)
