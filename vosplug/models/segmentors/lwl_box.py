"""LWL with its own initialisation from boxes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

from ...registry import MODELS
from ...structures import Supervision
from ..blocks import per_object
from ..box_to_mask import BoxToMask
from ..box_to_mask.base import Frames
from ..training.start import fill_boxes
from .box_start import masks_in_boxes
from .lwl import LWL
from .matching import EncodedFrame

OUTSIDE = -20.0  # logit outside the box


@MODELS.register_module()
class LWLBox(LWL):
    """LWL with an encoder of boxes; the decoder turns its encodings into the first masks.

    The variant for boxes of Bhat et al. 2020. In training, which starts from LWL's weights and keeps them
    frozen, every object starts from its box; where it has a mask in the first frame, the mask is also a
    target. A first mask does not extend beyond its box; the authors' may.

    Args:
        box_label_encoder: config of a :class:`~vosplug.models.BoxFeatureEncoder`.
        initializer: another box-to-mask model for box prompts; None: the model itself.
        kwargs: of :class:`LWL`.
    """

    def __init__(self, box_label_encoder: dict, initializer: dict | None = None, **kwargs: Any) -> None:
        super().__init__(initializer=initializer, **kwargs)
        self.requires_grad_(False)
        self.box_label_encoder = MODELS.build(box_label_encoder)
        if initializer is None:
            self.initializer = LWLBoxInitializer(self)

    def train(self, mode: bool = True) -> 'LWLBox':
        """See torch's; frozen parts keep their normalisation statistics."""
        super().train(mode)
        for part in (self.backbone, self.decode_head):
            part.eval()
        return self

    def starts_from_box(self, targets: dict[str, Tensor]) -> Tensor:
        """See the base: in training all objects in the first frame, otherwise those given by boxes."""
        x1, y1, x2, y2 = targets['boxes'][:, 0].unbind(-1)
        known = (x2 > x1) & (y2 > y1) & targets['valid']
        return known if self.training else known & (targets['supervision'][:, 0] == Supervision.BOX.value)

    def box_logits(self, frame: EncodedFrame, masks: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """See the base."""
        filled = fill_boxes(targets['boxes'][:, 0], frame.image.shape[-2:])
        return self.segment_boxes(frame, filled.to(frame.image))

    def segment_boxes(self, frame: EncodedFrame, filled: Tensor) -> Tensor:
        """Logits (B, N, H, W) of objects in a frame, given their filled boxes (B, N, H, W), 0 or 1."""
        keys = per_object(frame.key, filled.shape[1])
        encodings = self.box_label_encoder(filled.flatten(0, 1), keys).unflatten(0, filled.shape[:2])
        logits = self.decode_head(frame.features, encodings, frame.image.shape[-2:])
        return logits.masked_fill(filled == 0, OUTSIDE)


class LWLBoxInitializer(BoxToMask):
    """An LWLBox as its own box-to-mask model.

    Args:
        network: the model that this is a part of.
    """

    def __init__(self, network: LWLBox) -> None:
        super().__init__()
        # in a tuple, so that it is not a submodule
        self._network = (network,)

    def forward(self, frames: Frames, t: int, boxes: Mapping[int, np.ndarray]) -> np.ndarray:
        """See the base."""
        [network] = self._network

        def logits_of(image: Tensor, filled: Tensor) -> Tensor:
            return network.segment_boxes(network.encode(image), filled)

        return masks_in_boxes(network, frames[t], boxes[t], logits_of, inside_box=True)
