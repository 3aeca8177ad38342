"""Space-time memory network (Oh et al. 2019; the VOS model of Voigtlaender et al. 2021)."""

import torch
from torch import Tensor

from ...registry import MODELS
from ...structures import Supervision
from ..memory import WorkingMemory, space_time_read, squared_distance_similarity
from .aggregation import soft_aggregate
from .base import BaseVideoSegmentor


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
class STM(BaseVideoSegmentor):
    """Remembers frames with their masks as keys and values, and reads them by matching keys.

    Keys come from the image alone and are shared by all objects (Cheng et al. 2021, STCN), so a frame is
    encoded and matched once whatever the number of objects.

    Args:
        backbone: image -> feature levels, finest first.
        neck: feature levels -> the levels that values and decoder use; the last one has the key's stride.
        key_projection: the backbone's coarsest levels -> keys.
        key_levels: how many of the coarsest levels keys are made of.
        value_encoder: config of :class:`~vosplug.models.memory.MaskValueEncoder`.
        decode_head: config of :class:`~vosplug.models.heads.SpaceTimeDecodeHead`.
        memory: arguments of :class:`~vosplug.models.memory.WorkingMemory`.
        kwargs: of :class:`BaseVideoSegmentor`.
    """

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        key_projection: dict,
        value_encoder: dict,
        decode_head: dict,
        key_levels: int = 2,
        memory: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.backbone = MODELS.build(backbone)
        self.neck = MODELS.build(neck)
        self.key_projection = MODELS.build(key_projection)
        self.key_levels = key_levels
        self.value_encoder = MODELS.build(value_encoder)
        self.decode_head = MODELS.build(decode_head)
        self.memory_cfg = dict(memory or {})
        WorkingMemory(**self.memory_cfg)  # unknown options fail here, not in the first video

    def encode(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        """Feature levels and keys (B, Ck, h, w) of normalised (B, 3, H, W) images."""
        levels = self.backbone(images)
        return self.neck(levels), self.key_projection(levels[-self.key_levels :])

    # ------------------------------------------------------------------ training

    def clip_logits(self, inputs: Tensor, masks: Tensor, valid: Tensor) -> Tensor:
        """See the base; every frame but the last is remembered with its predicted masks."""
        batch, frames = inputs.shape[:2]
        size = inputs.shape[-2:]
        features, keys = self.encode(inputs.flatten(0, 1))
        features = [f.unflatten(0, (batch, frames)) for f in features]
        keys = keys.unflatten(0, (batch, frames)).flatten(3)
        values, logits = [], []
        for t in range(1, frames):
            values.append(self.value_encoder(inputs[:, t - 1], features[-1][:, t - 1], masks).flatten(3))
            memory_key = keys[:, :t].transpose(1, 2).flatten(2)
            similarity = squared_distance_similarity(memory_key, keys[:, t])
            read = space_time_read(similarity, torch.cat(values, -1).flatten(1, 2))
            read = read.unflatten(1, masks.shape[1:2] + (-1,)).unflatten(-1, features[-1].shape[-2:])
            logits.append(self.decode_head([f[:, t] for f in features], read, size))
            prob = logits[-1].sigmoid() * valid[..., None, None]
            masks = soft_aggregate(prob).softmax(1)[:, 1:]
        return torch.stack(logits, 1)

    def compute_losses(self, logits: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        """See the base; pixel losses in frames with a mask, box losses of objects with boxes.

        In a frame that has both, the boxes are void to the pixel losses.
        """
        valid = targets['valid'].unsqueeze(1)
        has_mask = targets['supervision'] == Supervision.MASK
        has_box = (targets['supervision'] == Supervision.BOX) & valid
        losses = self._mask_losses(logits, targets, valid, (has_mask & valid).any(-1))
        for module in self.decode_head.loss_box:
            if not has_box.any():
                losses[module.loss_name] = logits.sum() * 0
                continue
            losses[module.loss_name] = module(
                logits=logits, boxes=targets['boxes'], images=targets['images'], weight=has_box
            )
        return losses

    def _mask_losses(
        self, logits: Tensor, targets: dict[str, Tensor], valid: Tensor, frames: Tensor
    ) -> dict[str, Tensor]:
        """Pixel losses of the frames (B, T) selected by ``frames``; the others are void."""
        prob = logits.sigmoid() * valid[..., None, None]
        odds = soft_aggregate(prob).flatten(0, 1)
        labels = torch.where(frames[..., None, None], targets['id_masks'], 255).long().flatten(0, 1)
        losses = {}
        for module in self.decode_head.loss_mask:
            # a mean over void pixels alone is 0/0
            count = (labels != 255).sum().clamp(min=1)
            losses[module.loss_name] = module(odds, labels, ignore_index=255, avg_factor=count)
        return losses

    # ------------------------------------------------------------------ inference

    def start(self) -> STMState:
        """See the base."""
        return STMState(WorkingMemory(**self.memory_cfg))

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
