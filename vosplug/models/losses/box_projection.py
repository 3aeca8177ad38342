"""A mask must have the box's extent on both axes."""

from torch import Tensor, nn

from ...registry import MODELS
from .box_masks import boxes_to_masks, weighted_mean


def projection_loss(prob: Tensor, box_mask: Tensor, eps: float = 1e-5) -> Tensor:
    """Squared dice between the maxima over rows and columns of a mask and of its box.

    Tian et al. 2021 (BoxInst), eq. 1 and 2; Skogh 2024, Sec. 3.2.1.

    Args:
        prob: (..., H, W) in [0, 1].
        box_mask: same shape, 1 inside the box.

    Returns:
        Tensor: (...), in [0, 2].
    """

    def dice(a: Tensor, b: Tensor) -> Tensor:
        return 1 - 2 * (a * b).sum(-1) / (a.square().sum(-1) + b.square().sum(-1) + eps)

    return sum(dice(prob.amax(axis), box_mask.amax(axis)) for axis in (-2, -1))


@MODELS.register_module()
class BoxProjectionLoss(nn.Module):
    """See :func:`projection_loss`; per frame and object.

    Args:
        loss_weight: factor.
        loss_name: key in the log.
    """

    def __init__(self, loss_weight: float = 1.0, loss_name: str = 'loss_projection') -> None:
        super().__init__()
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(
        self, logits: Tensor, boxes: Tensor, images: Tensor | None = None, weight: Tensor | None = None
    ) -> Tensor:
        """Mean over the objects that count.

        Args:
            logits: (..., H, W) per object.
            boxes: (..., 4) xyxy in pixels of the logits.
            images: not used.
            weight: (...), 0 where an object does not count.
        """
        # `amax` shares its gradient among ties, so a flat start still learns
        losses = projection_loss(logits.sigmoid(), boxes_to_masks(boxes, logits.shape[-2:]))
        return self.loss_weight * weighted_mean(losses, weight)
