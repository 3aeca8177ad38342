"""Soft dice of each object's mask."""

from torch import Tensor, nn

from ...registry import MODELS
from .box_masks import weighted_mean


def soft_dice(prob: Tensor, target: Tensor) -> Tensor:
    """One minus the smoothed dice (Skogh 2024, eq. 3.5 with a smoothing of 1, as XMem's).

    Args:
        prob: (..., H, W) in [0, 1].
        target: same shape, 0 or 1.

    Returns:
        Tensor: (...), in [0, 1).
    """
    overlap = (prob * target).sum((-2, -1))
    return 1 - (2 * overlap + 1) / (prob.sum((-2, -1)) + target.sum((-2, -1)) + 1)


@MODELS.register_module()
class ObjectDiceLoss(nn.Module):
    """See :func:`soft_dice`; per frame and object (Skogh 2024, eq. 3.6); an :class:`~.ObjectLoss`.

    The mean is over the objects that count. XMem's published code divides by all object slots instead, where
    an absent object adds 0, so clips with fewer objects than slots weigh less.

    Args:
        loss_weight: factor.
        loss_name: key in the log.
    """

    reads = 'probs'

    def __init__(self, loss_weight: float = 1.0, loss_name: str = 'loss_dice') -> None:
        super().__init__()
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(self, pred: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Mean over the objects that count.

        Args:
            pred: probabilities (..., N, H, W); computed in float32.
            target: same shape, 0 or 1.
            weight: bool (..., N).
        """
        return self.loss_weight * weighted_mean(soft_dice(pred.float(), target.float()), weight)
