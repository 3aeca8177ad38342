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


@MODELS.register_module()
class SoftAggregation:
    """See :func:`soft_aggregate`, whose inputs and outputs are those of every aggregation."""

    def __call__(self, prob: Tensor) -> Tensor:
        """See :func:`soft_aggregate`."""
        return soft_aggregate(prob)
