"""A pixel loss with MMSegmentation's signature, usable in both packages."""

from mmseg.models.losses.utils import weight_reduce_loss
from torch import Tensor, nn

from vosplug.registry import MODELS


def generalised_cross_entropy(prob: Tensor, q: float) -> Tensor:
    """(1 - p^q) / q: cross entropy for q -> 0, mean absolute error for q = 1 (Zhang & Sabuncu 2018, eq. 6).

    Args:
        prob: probability of the labelled class, any shape, in [0, 1].
        q: in (0, 1]; larger trusts the labels less.

    Returns:
        Tensor: same shape, in [0, 1/q].
    """
    return (1 - prob.clamp(min=1e-6) ** q) / q


@MODELS.register_module()
class GeneralisedCrossEntropyLoss(nn.Module):
    """See :func:`generalised_cross_entropy`.

    Args:
        q: Zhang & Sabuncu use 0.7.
        loss_weight: factor.
        loss_name: key in the log.
    """

    def __init__(
        self, q: float = 0.7, loss_weight: float = 1.0, loss_name: str = 'loss_generalised_ce'
    ) -> None:
        super().__init__()
        self.q, self.loss_weight, self.loss_name = q, loss_weight, loss_name

    def forward(
        self,
        pred: Tensor,
        target: Tensor,
        weight: Tensor | None = None,
        avg_factor: int | Tensor | None = None,
        ignore_index: int = 255,
        reduction_override: str | None = None,
    ) -> Tensor:
        """Mean over the labelled pixels.

        Args:
            pred: logits (B, K, H, W).
            target: int64 (B, H, W), a class or ``ignore_index``.
            weight: (B, H, W).
            avg_factor: divisor of the sum; by default the number of labelled pixels.
            ignore_index: label of ignored pixels.
            reduction_override: ``'none'``, ``'mean'`` or ``'sum'``.
        """
        labelled = target != ignore_index
        label = target.where(labelled, target.new_zeros(()))
        prob = pred.softmax(1).gather(1, label.unsqueeze(1)).squeeze(1)
        loss = generalised_cross_entropy(prob, self.q) * labelled
        reduction = reduction_override or 'mean'
        if reduction == 'mean' and avg_factor is None:
            avg_factor = labelled.sum().clamp(min=1)
        return self.loss_weight * weight_reduce_loss(loss, weight, reduction, avg_factor)
