"""Bootstrapped cross entropy: only the pixels with the largest losses count."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...errors import ConfigError
from ...registry import MODELS
from .reduction import REDUCTIONS, check_choice


def top_p_mean(losses: Tensor, counted: Tensor, top_p: float) -> Tensor:
    """Mean of the largest losses of each sample (Skogh 2024, eq. 3.4).

    Args:
        losses: (K, ...), at least 0.
        counted: bool, same shape; the other pixels are ignored.
        top_p: share of the counted pixels that is kept, rounded down, but at least one pixel.

    Returns:
        Tensor: (K,); 0, with a gradient path, for a sample in which nothing counts.
    """
    losses, counted = losses.flatten(1), counted.flatten(1)
    kept = [int(count * top_p) or min(count, 1) for count in counted.sum(1).tolist()]
    rows = losses.masked_fill(~counted, -1)
    return torch.stack([row.topk(k).values.sum() / max(k, 1) for row, k in zip(rows, kept, strict=True)])


@MODELS.register_module()
class BootstrappedCrossEntropyLoss(nn.Module):
    """Cross entropy of each sample's hardest pixels; follows MMSegmentation's signature for pixel losses.

    Cheng & Schwing 2022 (XMem) train with it, keeping 15% of the pixels after a warm-up, which
    :class:`~vosplug.engine.hooks.LossRampHook` applies to ``top_p``; Skogh 2024, eq. 3.2 to 3.4.

    Args:
        top_p: share of a sample's labelled pixels that is kept, in (0, 1]; 1 is the plain cross entropy.
        loss_weight: factor.
        reduction: over samples: ``'mean'`` of those with labels, ``'sum'``, or ``'none'``.
        loss_name: key in the log.

    Raises:
        ConfigError: ``top_p`` out of range or an unknown reduction.
    """

    def __init__(
        self,
        top_p: float = 0.15,
        loss_weight: float = 1.0,
        reduction: str = 'mean',
        loss_name: str = 'loss_bootstrapped_ce',
    ) -> None:
        super().__init__()
        if not 0 < top_p <= 1:
            raise ConfigError(f'BootstrappedCrossEntropyLoss.top_p: found {top_p}, expected 0 < top_p <= 1.')
        check_choice(self, 'reduction', reduction, REDUCTIONS)
        self.top_p, self.reduction = top_p, reduction
        self.loss_weight, self.loss_name = loss_weight, loss_name

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
            pred: logits (K, C, H, W), any float type; computed in float32.
            target: int64 (K, H, W), class of each pixel.
            weight: (K, H, W), factor per pixel, applied before the hardest are picked.
            avg_factor: not used: it counts all labelled pixels, but the mean is over those that are kept.
            ignore_index: label of ignored pixels.
            reduction_override: replaces ``reduction``.

        Returns:
            Tensor: scalar, or (K,) for ``'none'``; 0 where nothing is labelled.
        """
        reduction = reduction_override or self.reduction
        check_choice(self, 'reduction', reduction, REDUCTIONS)
        losses = F.cross_entropy(pred.float(), target, ignore_index=ignore_index, reduction='none')
        if weight is not None:
            losses = losses * weight
        counted = target != ignore_index
        loss = top_p_mean(losses, counted, self.top_p)
        if reduction == 'mean':
            loss = loss.sum() / counted.flatten(1).any(1).sum().clamp(min=1)
        elif reduction == 'sum':
            loss = loss.sum()
        return self.loss_weight * loss
