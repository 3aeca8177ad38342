"""A box loss: from per-object logits, boxes and images to a scalar."""

import torch.nn.functional as F
from torch import Tensor, nn

from vosplug.models.losses import boxes_to_masks, weighted_mean
from vosplug.registry import MODELS


@MODELS.register_module()
class BoxAreaLoss(nn.Module):
    """Penalises masks that cover less than a minimum fraction of their box.

    Args:
        min_share: minimum fraction of the box's area.
        loss_weight: factor.
        loss_name: key in the log.
    """

    def __init__(
        self, min_share: float = 0.25, loss_weight: float = 1.0, loss_name: str = 'loss_box_area'
    ) -> None:
        super().__init__()
        self.min_share, self.loss_weight, self.loss_name = min_share, loss_weight, loss_name

    def forward(self, logits: Tensor, boxes: Tensor, images: Tensor, weight: Tensor | None = None) -> Tensor:
        """Mean over supervised objects.

        Args:
            logits: (B, T, N, H, W), independent per object.
            boxes: (B, T, N, 4) xyxy in pixels.
            images: (B, T, 3, H, W) RGB, not used.
            weight: bool (B, T, N), supervised objects; None: all.
        """
        inside = boxes_to_masks(boxes, logits.shape[-2:])
        area = inside.sum((-2, -1))
        share = (logits.float().sigmoid() * inside).sum((-2, -1)) / area.clamp(min=1)
        missing = F.relu(self.min_share - share) / self.min_share * (area > 0)  # an absent object has no box
        return self.loss_weight * weighted_mean(missing, weight)
