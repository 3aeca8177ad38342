"""Projection loss: a mask must have the extent of its box on both axes."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ...registry import MODELS
from .box_masks import boxes_to_masks, weighted_mean
from .reduction import check_choice

REDUCE = ('object', 'batch', 'column', 'grid')


def squared_dice(a: Tensor, b: Tensor, eps: float = 1e-5) -> Tensor:
    """One minus the dice with squared terms in the denominator, over the last axis (Tian et al. 2021).

    Args:
        a: (..., L) in [0, 1].
        b: same shape.
        eps: keeps two empty vectors finite.

    Returns:
        Tensor: (...), in [0, 1]; 1 for two empty vectors.
    """
    return 1 - 2 * (a * b).sum(-1) / (a.square().sum(-1) + b.square().sum(-1) + eps)


def smooth_dice(a: Tensor, b: Tensor, eps: float = 1e-5) -> Tensor:
    """One minus the smoothed dice of squares, over the last axis (Skogh 2024, eq. 3.11 with p = 2).

    The thesis does not give epsilon; this is BoxInst's.

    Args:
        a: (..., L) in [0, 1].
        b: same shape.
        eps: smoothing.

    Returns:
        Tensor: (...), in [0, 1]; 0 for two empty vectors.
    """
    a, b = a.square(), b.square()
    return 1 - (2 * (a * b).sum(-1) + eps) / (a.sum(-1) + b.sum(-1) + eps)


DICE: dict[str, Callable[[Tensor, Tensor], Tensor]] = dict(squared=squared_dice, smooth=smooth_dice)


def projection_loss(
    prob: Tensor, box_mask: Tensor, dice: Callable[[Tensor, Tensor], Tensor] = squared_dice
) -> Tensor:
    """Dice between the maxima over rows and columns of a mask and of its box.

    Tian et al. 2021 (BoxInst), eq. 1 and 2; Skogh 2024, eq. 3.8 to 3.10.

    Args:
        prob: (..., H, W) in [0, 1].
        box_mask: same shape, 1 inside the box; may be a fraction at its border.
        dice: :func:`squared_dice` or :func:`smooth_dice`.

    Returns:
        Tensor: (...), in [0, 2].
    """
    return sum(dice(prob.amax(axis), box_mask.amax(axis)) for axis in (-2, -1))


def joint_projection_loss(
    prob: Tensor,
    box_mask: Tensor,
    layout: str = 'batch',
    dice: Callable[[Tensor, Tensor], Tensor] = squared_dice,
) -> Tensor:
    """:func:`projection_loss` of a whole batch, with one vector per axis.

    Skogh 2024, Sec. 3.2.1, "one large image". A large object weighs more than a small one, and an absent
    object counts: any probability above 0 in its frame is penalised.

    Args:
        prob: (B, ..., H, W) in [0, 1].
        box_mask: same shape.
        layout: see :class:`BoxProjectionLoss`.
        dice: as in :func:`projection_loss`.

    Returns:
        Tensor: scalar in [0, 2].
    """
    projections = zip(_projections(prob, layout), _projections(box_mask, layout), strict=True)
    return sum(dice(found, wanted) for found, wanted in projections)


def _projections(maps: Tensor, layout: str) -> tuple[Tensor, Tensor]:
    """Both projections of all maps (B, ..., H, W), each as one vector."""
    maps = maps.reshape(len(maps), -1, *maps.shape[-2:])
    x, y = maps.amax(-2), maps.amax(-1)
    if layout == 'column':
        x = x.amax((0, 1))
    elif layout == 'grid':
        x, y = x.amax(0), y.amax(1)
    return x.flatten(), y.flatten()


@MODELS.register_module()
class BoxProjectionLoss(nn.Module):
    """Compares the extent of every mask with its box, see :func:`projection_loss`; a :class:`~.BoxLoss`.

    ``reduce`` selects what each dice is computed over:

    - ``'object'``: each mask, then the mean (Tian et al. 2021; Skogh 2024, eq. 3.12 and Fig. 3.3, left);
    - ``'column'``: one image of B N T H x W, all masks on top of each other (the text of Skogh 2024,
      Sec. 3.2.1). The x-projection is then that of the union of all masks;
    - ``'grid'``: one image of B H x N T W (Skogh 2024, Fig. 3.3, right);
    - ``'batch'``: one image in which no mask shares a row or column with another: the projections of all
      masks are concatenated, so every mask keeps its extent on both axes.

    None depends on the order of clips, frames or objects.

    Args:
        reduce: see above.
        dice: ``'squared'``: :func:`squared_dice` of BoxInst; ``'smooth'``: :func:`smooth_dice` of Skogh 2024.
        merge_objects: compare the union of a frame's objects with the union of their boxes, so that no
            object has to be associated between frames (Skogh 2024, Sec. 3.2.1).
        loss_weight: factor.
        loss_name: key in the log.

    Raises:
        ConfigError: an unknown ``reduce`` or ``dice``.
    """

    def __init__(
        self,
        reduce: str = 'object',
        merge_objects: bool = False,
        dice: str = 'squared',
        loss_weight: float = 1.0,
        loss_name: str = 'loss_projection',
    ) -> None:
        super().__init__()
        check_choice(self, 'reduce', reduce, REDUCE)
        check_choice(self, 'dice', dice, tuple(DICE))
        self.reduce, self.merge_objects, self.dice = reduce, merge_objects, DICE[dice]
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(
        self, logits: Tensor, boxes: Tensor, images: Tensor | None = None, weight: Tensor | None = None
    ) -> Tensor:
        """Loss of the objects that count.

        Args:
            logits: (..., N, H, W) per object.
            boxes: (..., N, 4) xyxy in pixels of the logits.
            images: not used.
            weight: bool (..., N).
        """
        # `amax` shares its gradient among ties, so a constant initial prediction still learns
        prob, box_masks = logits.float().sigmoid(), boxes_to_masks(boxes, logits.shape[-2:])
        if self.merge_objects:
            prob, box_masks, weight = _merge(prob, box_masks, weight)
        if self.reduce == 'object':
            return self.loss_weight * weighted_mean(projection_loss(prob, box_masks, self.dice), weight)
        counts = torch.ones(prob.shape[:-2]).to(prob) if weight is None else (weight > 0).to(prob)
        planes = counts[..., None, None]
        loss = joint_projection_loss(prob * planes, box_masks * planes, self.reduce, self.dice)
        # the squared dice of two empty vectors is 1
        return self.loss_weight * counts.amax() * loss


def _merge(prob: Tensor, box_masks: Tensor, weight: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    """Union of a frame's objects that count, (..., 1, H, W), and whether there are any, (..., 1)."""
    if weight is not None:
        counts = weight > 0
        planes = counts.to(prob)[..., None, None]
        prob, box_masks, weight = prob * planes, box_masks * planes, counts.any(-1, keepdim=True)
    return prob.amax(-3, keepdim=True), box_masks.amax(-3, keepdim=True), weight
