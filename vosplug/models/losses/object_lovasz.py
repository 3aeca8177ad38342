"""The Lovasz extension of the Jaccard index of objects' masks."""

from mmseg.models.losses.lovasz_loss import lovasz_softmax_flat
from torch import Tensor, nn

from ...registry import MODELS
from .protocols import IGNORED_LOGIT


@MODELS.register_module()
class ObjectLovaszLoss(nn.Module):
    """A convex surrogate of one minus J (Berman et al. 2018), an :class:`~.ObjectLoss` of raw logits.

    The loss of Zhao et al. 2021, Sec. 3.4. All labelled pixels of all objects and frames that count form one
    set, as in the authors' training; MMSegmentation's function computes it.

    Args:
        loss_weight: factor.
        loss_name: key in the log.
    """

    reads = 'logits'

    def __init__(self, loss_weight: float = 1.0, loss_name: str = 'loss_lovasz') -> None:
        super().__init__()
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(self, pred: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Loss of the objects that count, in [0, 1] times the weight.

        Args:
            pred: logits (..., N, H, W); :data:`IGNORED_LOGIT` at ignored pixels; computed in float32.
            target: same shape, 0 or 1.
            weight: bool (..., N).
        """
        pred = pred.float()
        counts = pred > IGNORED_LOGIT
        if weight is not None:
            counts = counts & weight[..., None, None]
        if not counts.any():
            return pred.sum() * 0
        loss = lovasz_softmax_flat(pred[counts].sigmoid().unsqueeze(1), target[counts], classes=[1])
        return self.loss_weight * loss
