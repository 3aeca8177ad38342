"""An object loss: from probabilities and targets of whole masks to a scalar."""

from torch import Tensor, nn

from vosplug.models.losses import weighted_mean
from vosplug.registry import MODELS


@MODELS.register_module()
class TverskyLoss(nn.Module):
    """1 - TP / (TP + alpha FP + beta FN) per object and frame (Salehi et al. 2017, eq. 2).

    Args:
        alpha: weight of false positives.
        beta: weight of false negatives; both 0.5 is the dice loss.
        loss_weight: factor.
        loss_name: key in the log.
    """

    def __init__(
        self,
        alpha: float = 0.3,
        beta: float = 0.7,
        loss_weight: float = 1.0,
        loss_name: str = 'loss_tversky',
    ) -> None:
        super().__init__()
        self.alpha, self.beta = alpha, beta
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(self, prob: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Mean over supervised objects.

        Args:
            prob: (B, T, N, H, W), aggregated, in [0, 1].
            target: (B, T, N, H, W), 0 or 1.
            weight: bool (B, T, N), supervised objects; None: all.
        """
        prob = prob.float()  # sums of half precision are not exact
        hit = (prob * target).sum((-2, -1))
        wrong = (prob * (1 - target)).sum((-2, -1))
        missed = ((1 - prob) * target).sum((-2, -1))
        loss = 1 - (hit + 1) / (hit + self.alpha * wrong + self.beta * missed + 1)
        return self.loss_weight * weighted_mean(loss, weight)
