"""Background loss: pixels outside an object's box are not the object."""

import torch.nn.functional as F
from torch import Tensor, nn

from ...registry import MODELS
from .box_masks import boxes_to_masks, weighted_mean


@MODELS.register_module()
class BoxBackgroundLoss(nn.Module):
    """Cross entropy of every pixel outside the box against background.

    The projection loss reaches only the largest value of a row or column, and has no gradient for an absent
    object (the dice of an empty box); this loss covers both.

    Args:
        loss_weight: factor.
        loss_name: key in the log.
    """

    def __init__(self, loss_weight: float = 1.0, loss_name: str = 'loss_background') -> None:
        super().__init__()
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(
        self, logits: Tensor, boxes: Tensor, images: Tensor | None = None, weight: Tensor | None = None
    ) -> Tensor:
        """Mean over pixels, then over the objects that count; arguments as :class:`BoxProjectionLoss`."""
        outside = 1 - boxes_to_masks(boxes, logits.shape[-2:])
        losses = (F.softplus(logits.float()) * outside).mean((-2, -1))
        return self.loss_weight * weighted_mean(losses, weight)
