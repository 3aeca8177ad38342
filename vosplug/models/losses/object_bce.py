"""Binary cross entropy of each object's raw logits."""

import torch.nn.functional as F
from torch import Tensor, nn

from ...registry import MODELS
from .box_masks import weighted_mean
from .protocols import IGNORED_LOGIT


@MODELS.register_module()
class ObjectBinaryCrossEntropyLoss(nn.Module):
    """Binary cross entropy of every object independently, an :class:`~.ObjectLoss` of raw logits.

    Xu et al. 2018, eq. 5, whose second term is printed without its minus sign.

    Args:
        loss_weight: factor.
        loss_name: key in the log.
    """

    reads = 'logits'

    def __init__(self, loss_weight: float = 1.0, loss_name: str = 'loss_bce') -> None:
        super().__init__()
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(self, pred: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Mean over an object's labelled pixels, then over the objects and frames that count.

        Args:
            pred: logits (..., N, H, W); :data:`IGNORED_LOGIT` at ignored pixels.
            target: same shape, 0 or 1.
            weight: bool (..., N).
        """
        pred = pred.float()
        labelled = pred > IGNORED_LOGIT
        losses = F.binary_cross_entropy_with_logits(pred, target.float(), reduction='none') * labelled
        means = losses.sum((-2, -1)) / labelled.sum((-2, -1)).clamp(min=1)
        return self.loss_weight * weighted_mean(means, weight)
