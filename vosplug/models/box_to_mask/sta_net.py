"""Masks from boxes by spatio-temporal aggregation over several frames (Zhao et al. 2021)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.model import BaseModel
from torch import Tensor

from ...errors import ConfigError
from ...registry import MODELS
from ...structures import Supervision
from ...structures.box_crop import check_crop


@MODELS.register_module()
class STANet(BaseModel):
    """Segments an object in several frames of a video from its box in each.

    Zhao et al. 2021, Fig. 2. The object encoder sees each frame with its box and estimates the object (e) and
    where that is certain (w); the fusion finds what all frames agree on (s); the decoder turns it into masks.
    Further passes start from those masks (Sec. 3.3). The rows of Table 2: SingleImage has no ``fusion``,
    MultiFrame no ``frame_encoder``, MultiFrame+ one pass; MultiFrameIterative is the default.

    Args:
        backbone: config; levels, finest first. Zhao et al. keep its pretrained weights.
        features: config of :class:`~vosplug.models.FilterFeatures`, x.
        decode_head: config of :class:`~vosplug.models.LWLDecodeHead`.
        crop: ``size`` (H, W) and ``factor`` of :meth:`~vosplug.structures.BoxCrop.undistorted`, the same as
            in training.
        box_encoder: config of :class:`~vosplug.models.BoxLabelEncoder`, e and w; needed with a fusion.
        frame_encoder: likewise; its encoding m of each frame alone also goes to the decoder; None: no m.
        fusion: config of the fusion of frames, such as :class:`~vosplug.models.FilterFusion`; None: each
            frame is segmented by itself.
        mask_encoder: config of :class:`~vosplug.models.MaskLabelEncoder`, the secondary object encoder (eq.
            3), which sees the masks of the previous pass; needed for more than one pass.
        passes: 1: no refinement; the paper saw no noticeable gain from a third.
        stride_level: index of the backbone level, of stride 16, that the features are computed from.
        data_preprocessor: config; :class:`~vosplug.models.BoxCropPreprocessor` by default.
        init_cfg: mmengine's.

    Raises:
        ConfigError: a part that the other options need is missing, or an invalid crop.
    """

    def __init__(
        self,
        backbone: dict,
        features: dict,
        decode_head: dict,
        crop: dict,
        box_encoder: dict | None = None,
        frame_encoder: dict | None = None,
        fusion: dict | None = None,
        mask_encoder: dict | None = None,
        passes: int = 2,
        stride_level: int = 2,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(MODELS.build(data_preprocessor or dict(type='BoxCropPreprocessor')), init_cfg)
        _check(fusion, box_encoder, frame_encoder, mask_encoder, passes)
        self.passes, self.stride_level = passes, stride_level
        self.crop = {**crop, 'size': tuple(crop['size'])}
        check_crop(**self.crop)
        self.backbone = MODELS.build(backbone)
        self.features = MODELS.build(features)
        self.box_encoder = _built(box_encoder)
        self.frame_encoder = _built(frame_encoder)
        self.fusion = _built(fusion)
        # each kind of encoding has its own regularisation
        self.mask_encoder: Any = _built(mask_encoder) if passes > 1 else None
        self.mask_fusion: Any = _built(fusion) if passes > 1 else None
        self.decode_head = MODELS.build(decode_head)
        self._freeze_unused()

    def _freeze_unused(self) -> None:
        """Freeze unused certainty layers: distributed training waits for the gradients of all others."""
        unused = [self.frame_encoder]
        if not getattr(self.fusion, 'uses_weights', True):
            unused += [self.box_encoder, self.mask_encoder]
        for encoder in unused:
            if encoder is not None:
                encoder.weights.requires_grad_(False)

    def forward(self, inputs: Tensor, data_samples: Any = None, mode: str = 'tensor') -> Any:
        """MMSegmentation's modes ``'loss'`` and ``'tensor'``.

        Args:
            inputs: (B, T, 4, H, W): normalised frames around an object, and its filled box.
            data_samples: with labels (T, H, W) as ``gt_sem_seg``: 1 the object, 0 the rest, 255 void.
            mode: ``'loss'``: dict of losses; ``'tensor'``: logits (B, T, H, W) of every pass, in order.

        Raises:
            ConfigError: another mode.
        """
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'tensor':
            return self.segment(inputs[:, :, :3], inputs[:, :, 3])
        raise ConfigError(f"STANet: found mode {mode!r}, expected 'loss' or 'tensor'.")

    def segment(self, images: Tensor, boxes: Tensor) -> list[Tensor]:
        """Logits (B, T, H, W) of every pass.

        Args:
            images: (B, T, 3, H, W), normalised.
            boxes: (B, T, H, W), filled: 1 inside.
        """
        clip = images.shape[:2]
        levels = self.backbone(images.flatten(0, 1))
        features = self.features(levels[self.stride_level])
        boxes = boxes.flatten(0, 1)
        own = [] if self.frame_encoder is None else [self.frame_encoder(boxes, features)[0]]

        def decoded(fusion: Any, encodings: Tensor, weights: Tensor) -> Tensor:
            parts = (x.unflatten(0, clip) for x in (features, encodings, weights))
            return decode([*own, fusion(*parts).flatten(0, 1)])

        def decode(encodings: list[Tensor]) -> Tensor:
            joined = torch.cat(encodings, 1).unsqueeze(1)
            return self.decode_head(levels, joined, images.shape[-2:]).squeeze(1).unflatten(0, clip)

        if self.fusion is None:
            return [decode(own)]
        logits = [decoded(self.fusion, *self.box_encoder(boxes, features))]
        while len(logits) < self.passes:
            masks = logits[-1].sigmoid().flatten(0, 1)
            logits.append(decoded(self.mask_fusion, *self.mask_encoder(masks)))
        return logits

    @torch.no_grad()
    def crop_probs(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        """Probability of an object in the crops of T frames.

        Args:
            crops: uint8 (4, H, W) each, of :meth:`~vosplug.structures.BoxCrop.image`.

        Returns:
            np.ndarray: float32 (T, H, W).
        """
        was_training = self.training
        self.eval()
        try:
            clip = torch.from_numpy(np.stack(crops))
            logits = self(self.data_preprocessor(dict(inputs=[clip]))['inputs'])[-1]
            return logits[0].sigmoid().float().cpu().numpy()
        finally:
            self.train(was_training)

    def loss(self, inputs: Tensor, data_samples: list) -> dict[str, Tensor]:
        """Losses of the decoder, summed over the passes (eq. 4)."""
        labels = torch.stack([sample.gt_sem_seg.data for sample in data_samples])
        targets = dict(
            id_masks=labels,
            supervision=labels.new_full((*labels.shape[:2], 1), int(Supervision.MASK)),
            valid=labels.new_ones(len(labels), 1, dtype=torch.bool),
        )
        losses: dict[str, Tensor] = {}
        for logits in self(inputs):
            for name, value in self.decode_head.losses(logits.unsqueeze(2), targets).items():
                losses[name] = losses[name] + value if name in losses else value
        return losses


def _built(config: dict | None) -> Any:
    return None if config is None else MODELS.build(config)


def _check(
    fusion: dict | None,
    box_encoder: dict | None,
    frame_encoder: dict | None,
    mask_encoder: dict | None,
    passes: int,
) -> None:
    missing = []
    if fusion is None and frame_encoder is None:
        missing.append('fusion or frame_encoder, without which the decoder knows nothing about the object')
    if fusion is not None and box_encoder is None:
        missing.append('box_encoder, which the fusion needs')
    if passes > 1 and (fusion is None or mask_encoder is None):
        missing.append(f'fusion and mask_encoder, which {passes} passes need')
    if missing or passes < 1:
        raise ConfigError(f'STANet: passes={passes}; missing: {"; ".join(missing) or "at least one pass"}.')
