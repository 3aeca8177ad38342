"""Soft Jaccard loss: the overlap of a segmentor's object with the labels, as measured in evaluation."""

import torch
from torch import Tensor, nn

from ...registry import MODELS
from ...structures.box_ops import VOID
from .reduction import REDUCTIONS, check_choice


def soft_jaccard(prob: Tensor, target: Tensor, valid: Tensor) -> Tensor:
    """One minus the intersection over union of probabilities and a mask (Rahman and Wang 2016, eq. 3).

    Args:
        prob: (..., H, W) in [0, 1].
        target: same shape, 0 or 1.
        valid: same shape, or one that broadcasts; weight of each pixel, 0 for ignored ones.

    Returns:
        Tensor: (...), in [0, 1]; 0 where neither has a valid pixel.
    """
    overlap = (prob * target * valid).sum((-2, -1))
    union = ((prob + target) * valid).sum((-2, -1)) - overlap
    return 1 - (overlap + 1e-3) / (union + 1e-3)


@MODELS.register_module()
class SoftJaccardLoss(nn.Module):
    """See :func:`soft_jaccard`; of every class but the background, a :class:`~.protocols.PixelLoss`.

    Args:
        loss_weight: factor.
        loss_name: key in the log.
    """

    def __init__(self, loss_weight: float = 1.0, loss_name: str = 'loss_jaccard') -> None:
        super().__init__()
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(
        self,
        pred: Tensor,
        target: Tensor,
        weight: Tensor | None = None,
        avg_factor: float | Tensor | None = None,
        ignore_index: int = VOID,
        reduction_override: str | None = None,
    ) -> Tensor:
        """Mean over images and classes, or ``reduction_override`` of their losses (K, C-1).

        Args:
            pred: logits (K, C, H, W); computed in float32.
            target: int64 (K, H, W), class of each pixel.
            weight: (K, H, W), factor per pixel.
            avg_factor: not used: every mask counts once, whatever its number of pixels.
            ignore_index: label of ignored pixels.
            reduction_override: ``'none'``, ``'mean'`` or ``'sum'``.

        Raises:
            ConfigError: another reduction.
        """
        prob = pred.float().softmax(1)[:, 1:]
        classes = torch.arange(1, pred.shape[1], device=pred.device).view(-1, 1, 1)
        counts = (target != ignore_index).float() * (1 if weight is None else weight)
        loss = soft_jaccard(prob, (target.unsqueeze(1) == classes).float(), counts.unsqueeze(1))
        reduction = reduction_override or 'mean'
        check_choice(self, 'reduction', reduction, REDUCTIONS)
        return self.loss_weight * dict(none=loss, mean=loss.mean(), sum=loss.sum())[reduction]
