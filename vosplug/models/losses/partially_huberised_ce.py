"""Partially Huberised cross entropy, robust to wrong labels."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...errors import ConfigError
from ...registry import MODELS
from .reduction import REDUCTIONS, check_choice


def partially_huberised_cross_entropy(prob: Tensor, tau: float) -> Tensor:
    """Cross entropy that grows only linearly once the true class's probability is below 1/tau.

    Bounds each pixel's gradient with respect to the probability by ``tau`` (Menon et al. 2020; used per pixel
    by Voigtlaender et al. 2021, eq. 2).

    Args:
        prob: probability of the labelled class, any shape, in [0, 1].
        tau: larger trusts the labels more; the paper uses 3.

    Returns:
        Tensor: loss of the same shape, non-negative.
    """
    linear = -tau * prob + math.log(tau) + 1
    return torch.where(prob <= 1 / tau, linear, -prob.clamp(min=1 / tau).log())


@MODELS.register_module()
class PartiallyHuberisedCrossEntropyLoss(nn.Module):
    """See :func:`partially_huberised_cross_entropy`; follows MMSegmentation's signature for pixel losses.

    Args:
        tau: at least 1.
        loss_weight: factor.
        reduction: ``'none'``, ``'mean'`` or ``'sum'``.
        loss_name: key in the log.

    Raises:
        ConfigError: ``tau`` below 1 or an unknown reduction.
    """

    def __init__(
        self,
        tau: float = 3.0,
        loss_weight: float = 1.0,
        reduction: str = 'mean',
        loss_name: str = 'loss_ph_ce',
    ) -> None:
        super().__init__()
        if tau < 1:
            raise ConfigError(f'PartiallyHuberisedCrossEntropyLoss.tau: found {tau}, expected at least 1.')
        check_choice(self, 'reduction', reduction, REDUCTIONS)
        self.tau, self.loss_weight, self.reduction, self.loss_name = tau, loss_weight, reduction, loss_name

    def forward(
        self,
        pred: Tensor,
        target: Tensor,
        weight: Tensor | None = None,
        avg_factor: float | Tensor | None = None,
        ignore_index: int = 255,
        reduction_override: str | None = None,
    ) -> Tensor:
        """Loss of a batch.

        Args:
            pred: logits (B, C, H, W), any float type; half precision is computed in float32.
            target: int64 (B, H, W), class of each pixel.
            weight: (B, H, W), factor per pixel.
            avg_factor: divisor of the sum for ``'mean'``; by default the number of pixels, as in
                MMSegmentation's cross entropy.
            ignore_index: label of ignored pixels.
            reduction_override: replaces ``reduction``.
        """
        reduction = reduction_override or self.reduction
        check_choice(self, 'reduction', reduction, REDUCTIONS)
        counted = target != ignore_index
        labels = torch.where(counted, target, 0)
        pred = pred if pred.dtype == torch.float64 else pred.float()
        prob = F.softmax(pred, 1).gather(1, labels.unsqueeze(1)).squeeze(1)
        loss = partially_huberised_cross_entropy(prob, self.tau) * counted
        if weight is not None:
            loss = loss * weight
        if reduction == 'mean':
            loss = loss.sum() / (loss.numel() if avg_factor is None else avg_factor)
        elif reduction == 'sum':
            loss = loss.sum()
        return self.loss_weight * loss
