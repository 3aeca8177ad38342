"""Aggregation of independent object probabilities into one distribution per pixel."""

import torch
from torch import Tensor

from ..registry import MODELS

EPS = 1e-7


def soft_aggregate(prob: Tensor) -> Tensor:
    """Log odds of background and objects; their softmax is the aggregated probability.

    The background's probability is that of no object (Oh et al. 2019, eq. 3, after Oh et al. 2018).

    Args:
        prob: (..., N, H, W) in [0, 1], independent per object.

    Returns:
        Tensor: (..., N+1, H, W), background first; clamped to the log odds of 1e-7.
    """
    background = (1 - prob).prod(-3, keepdim=True)
    return torch.logit(torch.cat([background, prob], -3), eps=EPS)


def max_score_aggregate(prob: Tensor) -> Tensor:
    """Log odds of background and independent objects; the object with the highest score wins a pixel.

    The background's probability is one minus the highest; a single object keeps its probabilities (Perazzi et
    al. 2017, Sec. 5.1).

    Args:
        prob: (..., N, H, W) in [0, 1], independent per object.

    Returns:
        Tensor: (..., N+1, H, W), background first; clamped to the log of 1e-7.
    """
    background = 1 - prob.amax(-3, keepdim=True)
    return torch.cat([background, prob], -3).clamp(min=EPS).log()


@MODELS.register_module()
class MaxScoreAggregation:
    """See :func:`max_score_aggregate`."""

    def __call__(self, prob: Tensor) -> Tensor:
        """See :func:`max_score_aggregate`."""
        return max_score_aggregate(prob)


@MODELS.register_module()
class SoftAggregation:
    """See :func:`soft_aggregate`; every aggregation has the same inputs and outputs."""

    def __call__(self, prob: Tensor) -> Tensor:
        """See :func:`soft_aggregate`."""
        return soft_aggregate(prob)
