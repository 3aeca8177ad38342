"""Memory-efficient sums over pairs of pixels and their gradients, for the pairwise and temporal losses."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

# a GPU needs few and large steps; a CPU is as fast with small ones, which take less memory
PIXELS_AT_ONCE = dict(cpu=2**17, cuda=2**25)
AVERAGES = ('matches', 'pixels')
# a product of this many factors of at least 1/2 is still a normal float32
FACTORS_AT_ONCE = 64


def reduce_map(maps: Tensor, stride: int) -> Tensor:
    """Means of stride x stride cells; 1 changes nothing, and a cell with a NaN is NaN.

    Args:
        maps: (..., C, H, W) with any number of leading axes, including none.
        stride: reduction.

    Returns:
        Tensor: (..., C, H // stride, W // stride).
    """
    if stride == 1:
        return maps
    if maps.dim() <= 4:
        return F.avg_pool2d(maps, stride)
    return F.avg_pool2d(maps.flatten(0, -4), stride).unflatten(0, maps.shape[:-3])


def pixel_weights(images: Tensor, average: str) -> Tensor:
    """Weight of a pair in each frame: 1, or for ``'pixels'`` 1 / HW, where HW excludes padded pixels.

    Args:
        images: (..., 3, H, W), NaN where padded.
        average: one of :data:`AVERAGES`.

    Returns:
        Tensor: (...).
    """
    if average == 'matches':
        return images.new_ones(images.shape[:-3])
    return 1 / images[..., 0, :, :].isfinite().sum((-2, -1)).clamp(min=1)


def box_sum(maps: Tensor, size: int) -> Tensor:
    """Sums of all size x size windows, (..., H - size + 1, W - size + 1); a window with a NaN is NaN."""
    for axis in (-2, -1):
        length = maps.shape[axis] - size + 1
        maps = functools.reduce(torch.add, [maps.narrow(axis, start, length) for start in range(size)])
    return maps


def shifted(maps: Tensor, dy: int, dx: int, fill: float = 0.0) -> Tensor:
    """Maps shifted so that pixel p has the value at p + (dy, dx).

    Args:
        maps: (..., H, W).
        dy: row offset, either sign.
        dx: column offset.
        fill: value outside the map.

    Returns:
        Tensor: (..., H, W).
    """
    height, width = maps.shape[-2:]
    padded = F.pad(maps, (max(-dx, 0), max(dx, 0), max(-dy, 0), max(dy, 0)), value=fill)
    return view_at(padded, max(dy, 0), max(dx, 0), (height, width))


def view_at(maps: Tensor, top: int, left: int, size: tuple[int, int]) -> Tensor:
    """The window (..., h, w) of maps whose top left pixel is (top, left)."""
    return maps[..., top : top + size[0], left : left + size[1]]


def window(size: int, dilation: int = 1) -> list[tuple[int, int]]:
    """(dy, dx) of a size x size window around a pixel, row by row, including its centre."""
    reach = range(-(size // 2), size // 2 + 1)
    return [(y * dilation, x * dilation) for y in reach for x in reach]


def aligned_similarity(lab_a: Tensor, lab_b: Tensor, patch_size: int, gamma: float) -> Tensor:
    """``exp(-|P_a(p) - P_b(p)| / gamma)`` of the patches P around all pixels p whose patches are complete.

    Args:
        lab_a: (..., 3, H, W).
        lab_b: same shape.
        patch_size: odd.
        gamma: temperature.

    Returns:
        Tensor: (..., H - patch_size + 1, W - patch_size + 1) in [0, 1].
    """
    # |P_a(p) - P_b(p)|^2 is a sum over the patch of |a(q) - b(q)|^2, so patches need not be unfolded
    squares = (lab_a - lab_b).square().sum(-3)
    return torch.exp(-box_sum(squares, patch_size).sqrt() / gamma)


def label_disagreement(a: Tensor, b: Tensor) -> Tensor:
    """-log P(two pixels have the same label) (Tian et al. 2021, eq. 4; Skogh 2024, eq. 3.15).

    Args:
        a: logits of the first pixel of each pair.
        b: logits of the second, same shape.

    Returns:
        Tensor: same shape, at least 0 up to rounding.
    """
    # log(p_a p_b + (1-p_a)(1-p_b)), expanded so that large logits do not overflow
    return F.softplus(a) + F.softplus(b) - F.softplus(a + b)


def in_parts(number: int, pixels: int, device: torch.device) -> Iterator[slice]:
    """Slices that split ``number`` maps of ``pixels`` pixels each into batches for one step."""
    step = max(1, PIXELS_AT_ONCE.get(device.type, PIXELS_AT_ONCE['cuda']) // pixels)
    return (slice(start, start + step) for start in range(0, number, step))


class DisagreementSum:
    """Weighted sum of :func:`label_disagreement` over pairs of pixels, with its gradient.

    Both are computed together and outside of autograd, which would keep several maps per pair although the
    backward pass needs a single one. Pixel p is paired with the pixels of the patch around p + d, for K
    offsets d.

    Attributes:
        total: the sum.
        count: sum of the weights.
        gradient_a: of ``total`` with respect to ``logits_a``.
        gradient_b: of ``total`` with respect to ``logits_b``.
    """

    @torch.no_grad()
    def __init__(
        self,
        logits_a: Tensor,
        logits_b: Tensor,
        offsets: Sequence[tuple[int, int]],
        weights: Iterable[Tensor],
        patch_size: int = 1,
    ) -> None:
        """Compute the sum and its gradient.

        Args:
            logits_a: (..., h, w) of the pixels p.
            logits_b: (..., h + 2r, w + 2r) of the others; no pair reaches further than r.
            offsets: K (dy, dx).
            weights: K maps (..., h, w), the weights of the pairs with a patch.
            patch_size: side of a patch, odd.
        """
        self.a, self.b, self.patch_size = logits_a, logits_b, patch_size
        self.reach = (logits_b.shape[-1] - logits_a.shape[-1]) // 2
        self.one = logits_a.new_ones(())
        self.sums, self.rest, self.product, self.joint, self.slope = logits_a.new_empty(5, *logits_a.shape)
        self._accumulate(offsets, weights)
        del self.sums, self.rest, self.product, self.joint, self.slope  # they share one large buffer

    def _accumulate(self, offsets: Sequence[tuple[int, int]], weights: Iterable[Tensor]) -> None:
        # D(a, b) = softplus(a) + softplus(b) - softplus(a + b), dD/da = sigmoid(a) - sigmoid(a + b): terms of
        # a single pixel are computed once, and only those of a + b for every pair
        number = self.patch_size**2
        single_a = F.softplus(self.a) * number
        single_b = box_sum(F.softplus(self.b), self.patch_size)
        cost, weight_a, self.gradient_a = self.a.new_zeros(3, *self.a.shape)
        weight_b, self.gradient_b = self.b.new_zeros(2, *self.b.shape)
        for (dy, dx), weight in zip(offsets, weights, strict=True):
            self._joint_terms(dy, dx, weight)
            alone = self._around(single_b, dy, dx, self.reach - self.patch_size // 2)
            # in this order the terms of two confident pixels that agree cancel without rounding
            cost.addcmul_(weight, torch.add(single_a, alone, out=self.rest).sub_(self.joint))
            self.gradient_a.addcmul_(weight, self.slope, value=-1)
            weight_a += weight
            self._around(weight_b, dy, dx, self.reach).add_(weight)
        self.total, self.count = cost.sum(), weight_a.sum()
        self.gradient_a.addcmul_(weight_a, self.a.sigmoid(), value=number)
        weight_b = box_sum(F.pad(weight_b, (self.patch_size // 2,) * 4), self.patch_size)
        self.gradient_b.addcmul_(weight_b, self.b.sigmoid())

    def _around(self, maps: Tensor, dy: int, dx: int, reach: int) -> Tensor:
        """Values at p + (dy, dx) of maps that extend beyond the pixels p by ``reach``."""
        return view_at(maps, reach + dy, reach + dx, self.a.shape[-2:])

    def _joint_terms(self, dy: int, dx: int, weight: Tensor) -> None:
        """Sums of softplus(a + b) and of its slope over a patch; the slope also goes to ``gradient_b``."""
        places = [(dy + y, dx + x) for y, x in window(self.patch_size)]
        self.joint.zero_()
        self.slope.zero_()
        for start in range(0, len(places), FACTORS_AT_ONCE):
            self.product.fill_(1)
            for place in places[start : start + FACTORS_AT_ONCE]:
                self._joint_term(*place, weight)
            self.joint.sub_(self.product.log_())

    def _joint_term(self, dy: int, dx: int, weight: Tensor) -> None:
        """One pixel of the patch: softplus(s) = max(s, 0) - log(sigmoid(|s|)), the logarithm taken later.

        sigmoid(|s|) is in [1/2, 1], so the product over a patch neither vanishes nor loses precision.
        """
        torch.add(self.a, self._around(self.b, dy, dx, self.reach), out=self.sums)
        self.joint += torch.clamp(self.sums, min=0, out=self.rest)
        slope = self.sums.sigmoid_()
        self.slope += slope
        self._around(self.gradient_b, dy, dx, self.reach).addcmul_(weight, slope, value=-1)
        torch.sub(self.one, slope, out=self.rest)
        self.product *= torch.maximum(self.rest, slope, out=self.rest)


def with_gradient(value: Tensor, inputs: Tensor, gradient: Tensor) -> Tensor:
    """The value as a differentiable function of the inputs, given its gradient.

    Args:
        value: scalar.
        inputs: of any shape.
        gradient: of the value with respect to the inputs, same shape.
    """
    return _WithGradient.apply(value, inputs, gradient)


class _WithGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor, inputs: Tensor, gradient: Tensor) -> Tensor:
        ctx.save_for_backward(gradient)
        return value.clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, by_value: Tensor) -> tuple[None, Tensor, None]:
        return None, by_value * ctx.saved_tensors[0], None
