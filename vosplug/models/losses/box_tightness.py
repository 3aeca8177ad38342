"""Multiple-instance loss of box tightness: rows and columns through a box meet the object, others do not."""

import torch.nn.functional as F
from torch import Tensor, nn

from ...registry import MODELS
from .box_masks import boxes_to_masks, weighted_mean


def tightness_loss(logits: Tensor, box_mask: Tensor) -> Tensor:
    """Cross entropy of the largest probability on every row and column (Hsu et al. 2019).

    A row or column that crosses the box is a positive bag of its pixels inside the box; one outside the box
    is a negative bag.

    Args:
        logits: (..., H, W).
        box_mask: same shape, 1 inside the box, else 0.

    Returns:
        Tensor: (...), mean over the H rows and W columns, at least 0.
    """
    losses = []
    for axis in (-1, -2):
        crossing = box_mask.amax(axis, keepdim=True) > 0
        # the rest of such a line belongs to negative bags of the other axis
        bags = logits.masked_fill(crossing & (box_mask == 0), float('-inf')).amax(axis)
        losses.append(F.softplus(bags.where(~crossing.squeeze(axis), -bags)))
    lines = sum(loss.shape[-1] for loss in losses)
    return sum(loss.sum(-1) for loss in losses) / lines


@MODELS.register_module()
class BoxTightnessMILLoss(nn.Module):
    """See :func:`tightness_loss`; per frame and object.

    The baseline "MIL" of Zhao et al. 2021 (Table 4), who describe no further term; their "MIL+CRF" adds
    another regulariser, and Hsu et al. a smoothness over neighbours, as :class:`ColorPairwiseLoss` does.

    Args:
        loss_weight: factor.
        loss_name: key in the log.
    """

    def __init__(self, loss_weight: float = 1.0, loss_name: str = 'loss_mil') -> None:
        super().__init__()
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(
        self, logits: Tensor, boxes: Tensor, images: Tensor | None = None, weight: Tensor | None = None
    ) -> Tensor:
        """Mean over the objects that count; arguments as :class:`BoxProjectionLoss`."""
        losses = tightness_loss(logits.float(), boxes_to_masks(boxes, logits.shape[-2:]))
        return self.loss_weight * weighted_mean(losses, weight)
