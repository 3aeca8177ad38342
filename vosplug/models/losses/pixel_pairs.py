"""What losses on pairs of pixels share."""

import torch.nn.functional as F
from torch import Tensor


def mean_pool(maps: Tensor, size: int, stride: int) -> Tensor:
    """Means of size x size windows, ``stride`` apart; a window with a NaN is NaN.

    Args:
        maps: (..., C, H, W) with any number of leading axes, also none.
        size: of a window; there is no border.
        stride: from window to window.

    Returns:
        Tensor: (..., C, (H - size) // stride + 1, (W - size) // stride + 1).
    """
    if maps.dim() <= 4:
        return F.avg_pool2d(maps, size, stride)
    return F.avg_pool2d(maps.flatten(0, -4), size, stride).unflatten(0, maps.shape[:-3])


def reduce_map(maps: Tensor, stride: int) -> Tensor:
    """Means of stride x stride cells; 1 changes nothing.

    Args:
        maps: (..., C, H, W).
        stride: reduction.

    Returns:
        Tensor: (..., C, H // stride, W // stride).
    """
    return maps if stride == 1 else mean_pool(maps, stride, stride)


def shifted(maps: Tensor, dy: int, dx: int, fill: float = 0.0) -> Tensor:
    """The map whose pixel p is what lay at p + (dy, dx).

    Args:
        maps: (..., H, W).
        dy: row offset, either sign.
        dx: column offset.
        fill: what lies outside of the map.

    Returns:
        Tensor: (..., H, W).
    """
    height, width = maps.shape[-2:]
    padded = F.pad(maps, (max(-dx, 0), max(dx, 0), max(-dy, 0), max(dy, 0)), value=fill)
    top, left = max(dy, 0), max(dx, 0)
    return padded[..., top : top + height, left : left + width]


def label_disagreement(a: Tensor, b: Tensor) -> Tensor:
    """-log P(two pixels have the same label) (Tian et al. 2021, eq. 4; Skogh 2024, eq. 3.15).

    Args:
        a: logits of one pixel each.
        b: logits of the other, same shape.

    Returns:
        Tensor: same shape, at least 0 up to rounding.
    """
    # log(p_a p_b + (1-p_a)(1-p_b)), expanded so that large logits do not overflow
    return F.softplus(a) + F.softplus(b) - F.softplus(a + b)
