"""A mask must have the box's extent on both axes."""

from torch import Tensor, nn

from ...errors import ConfigError
from ...registry import MODELS
from .box_masks import boxes_to_masks, weighted_mean

REDUCE = ('object', 'batch')


def squared_dice(a: Tensor, b: Tensor, eps: float = 1e-5) -> Tensor:
    """One minus the dice of squared magnitudes, over the last axis (Tian et al. 2021, BoxInst).

    Skogh 2024, eq. 3.11, also squares the factors of the product; with a box of 0 and 1 that has the same
    minimum, but no longer the reference's values.

    Args:
        a: (..., L) in [0, 1].
        b: same shape.
        eps: keeps two empty vectors finite.

    Returns:
        Tensor: (...), in [0, 1].
    """
    return 1 - 2 * (a * b).sum(-1) / (a.square().sum(-1) + b.square().sum(-1) + eps)


def projection_loss(prob: Tensor, box_mask: Tensor) -> Tensor:
    """Squared dice between the maxima over rows and columns of a mask and of its box.

    Tian et al. 2021 (BoxInst), eq. 1 and 2; Skogh 2024, Sec. 3.2.1.

    Args:
        prob: (..., H, W) in [0, 1].
        box_mask: same shape, 1 inside the box; may be a fraction at its border.

    Returns:
        Tensor: (...), in [0, 2].
    """
    return sum(squared_dice(prob.amax(axis), box_mask.amax(axis)) for axis in (-2, -1))


def joint_projection_loss(prob: Tensor, box_mask: Tensor) -> Tensor:
    """:func:`projection_loss` with the projections of all masks joined into one vector per axis.

    Skogh 2024, Fig. 3.3, right; the order of the masks does not matter. A large object weighs more than a
    small one, and an absent object counts: nothing may rise above 0 in its frame.

    Args:
        prob: (..., H, W) in [0, 1].
        box_mask: same shape.

    Returns:
        Tensor: scalar in [0, 2].
    """
    return sum(squared_dice(prob.amax(axis).flatten(), box_mask.amax(axis).flatten()) for axis in (-2, -1))


@MODELS.register_module()
class BoxProjectionLoss(nn.Module):
    """The extent of every mask against its box, see :func:`projection_loss`.

    Args:
        reduce: ``'object'``: mean over frames and objects; ``'batch'``: :func:`joint_projection_loss`, the
            choice of Skogh 2024 (Sec. 3.2.1).
        merge_objects: compare the union of a frame's objects with the union of their boxes, so that no
            object has to be recognised between frames (Skogh 2024, Sec. 3.2.1).
        loss_weight: factor.
        loss_name: key in the log.

    Raises:
        ConfigError: an unknown ``reduce``.
    """

    def __init__(
        self,
        reduce: str = 'object',
        merge_objects: bool = False,
        loss_weight: float = 1.0,
        loss_name: str = 'loss_projection',
    ) -> None:
        super().__init__()
        if reduce not in REDUCE:
            raise ConfigError(f'BoxProjectionLoss.reduce: found {reduce!r}, expected one of {REDUCE}.')
        self.reduce, self.merge_objects = reduce, merge_objects
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(
        self, logits: Tensor, boxes: Tensor, images: Tensor | None = None, weight: Tensor | None = None
    ) -> Tensor:
        """Loss of the objects that count.

        Args:
            logits: (..., N, H, W) per object.
            boxes: (..., N, 4) xyxy in pixels of the logits.
            images: not used.
            weight: (..., N), 0 where an object does not count.
        """
        # `amax` shares its gradient among ties, so a flat start still learns
        prob, box_masks = logits.float().sigmoid(), boxes_to_masks(boxes, logits.shape[-2:])
        if self.merge_objects:
            prob, box_masks, weight = _merge(prob, box_masks, weight)
        if self.reduce == 'object':
            return self.loss_weight * weighted_mean(projection_loss(prob, box_masks), weight)
        if weight is None:
            return self.loss_weight * joint_projection_loss(prob, box_masks)
        counts = (weight > 0).to(prob)[..., None, None]
        # the dice of nothing is 1
        return self.loss_weight * counts.amax() * joint_projection_loss(prob * counts, box_masks * counts)


def _merge(prob: Tensor, box_masks: Tensor, weight: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    """Union of a frame's objects that count, (..., H, W), and whether there are any, (...)."""
    if weight is None:
        return prob.amax(-3), box_masks.amax(-3), None
    counts = weight > 0
    planes = counts.to(prob)[..., None, None]
    return (prob * planes).amax(-3), (box_masks * planes).amax(-3), counts.any(-1)
