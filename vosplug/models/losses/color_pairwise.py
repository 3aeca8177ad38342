"""Pairwise loss: neighbouring pixels of the same colour have the same label."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from ...registry import MODELS
from .box_masks import boxes_to_masks, hull
from .pixel_pairs import (
    AVERAGES,
    DisagreementSum,
    aligned_similarity,
    in_parts,
    pixel_weights,
    reduce_map,
    view_at,
    window,
    with_gradient,
)
from .reduction import check_choice, check_odd

# sRGB primaries to XYZ, divided by the D65 white point of the 2 degree observer
_RGB_TO_XYZ = torch.tensor(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]],
    dtype=torch.float64,
) / torch.tensor([[0.95047], [1.0], [1.08883]], dtype=torch.float64)


def rgb_to_lab(images: Tensor) -> Tensor:
    """sRGB to CIE Lab (D65, 2 degrees) on the tensor's own device.

    Args:
        images: (..., 3, H, W) RGB in 0..255.

    Returns:
        Tensor: same shape; L in 0..100.
    """
    rgb = images / 255
    linear = torch.where(rgb > 0.04045, ((rgb + 0.055) / 1.055).clamp(min=0) ** 2.4, rgb / 12.92)
    # no matrix product: autocast would compute it in half precision
    xyz = (_RGB_TO_XYZ.to(linear)[..., None, None] * linear.unsqueeze(-4)).sum(-3)
    # clamp keeps the power's gradient finite at black
    f = torch.where(xyz > 0.008856, xyz.clamp(min=1e-8) ** (1 / 3), 7.787 * xyz + 16 / 116)
    x, y, z = f.unbind(-3)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -3)


def _shifts(kernel_size: int, dilation: int) -> list[tuple[int, int]]:
    """Half of the neighbours' (dy, dx): the other half gives the same pairs with their pixels swapped."""
    every = window(kernel_size, dilation)
    return every[: len(every) // 2]


@MODELS.register_module()
class ColorPairwiseLoss(nn.Module):
    """Disagreement of pixels in the box with neighbours of the same colour; a :class:`~.BoxLoss`.

    Tian et al. 2021 (BoxInst), eq. 6; Skogh 2024, Sec. 3.2.2. Colours are compared on a map reduced by
    ``stride``, and the logits are averaged to it.

    Args:
        kernel_size: neighbours in a kernel_size x kernel_size window, odd.
        dilation: their spacing.
        threshold: minimum colour similarity of a pair that counts.
        gamma: temperature of the similarity.
        stride: reduction of the map.
        average: ``'matches'``: mean over all pairs that count, as BoxInst's code; ``'pixels'``: sum over the
            pairs of an object in a frame divided by HW, then the mean over frames and objects (Skogh 2024,
            eq. 3.16 and 3.17).
        loss_weight: factor.
        loss_name: key in the log.

    Raises:
        ConfigError: an even ``kernel_size``, or an unknown ``average``.
    """

    def __init__(
        self,
        kernel_size: int = 3,
        dilation: int = 2,
        threshold: float = 0.3,
        gamma: float = 2.0,
        stride: int = 4,
        average: str = 'matches',
        loss_weight: float = 1.0,
        loss_name: str = 'loss_pairwise',
    ) -> None:
        super().__init__()
        check_odd(self, kernel_size=kernel_size)
        check_choice(self, 'average', average, AVERAGES)
        self.shifts = _shifts(kernel_size, dilation)
        self.threshold, self.gamma, self.stride, self.average = threshold, gamma, stride, average
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(self, logits: Tensor, boxes: Tensor, images: Tensor, weight: Tensor | None = None) -> Tensor:
        """Loss of the objects that count.

        Args:
            logits: (..., N, H, W).
            boxes: (..., N, 4) xyxy in pixels of the logits.
            images: (..., 3, H, W) RGB in 0..255; NaN where padded; such pixels are in no pair.
            weight: bool (..., N).
        """
        logits, images = reduce_map(logits.float(), self.stride), reduce_map(images.float(), self.stride)
        inside = boxes_to_masks(boxes / self.stride, logits.shape[-2:]).to(logits)
        counts = inside.new_ones(boxes.shape[:-1]) if weight is None else weight.to(inside)
        inside = inside * (counts * pixel_weights(images, self.average)[..., None])[..., None, None]
        total, pairs, gradient = self._sums(logits.detach(), inside, images)
        number = pairs if self.average == 'matches' else counts.expand(logits.shape[:-2]).sum()
        return self.loss_weight * with_gradient(total, logits, gradient) / number.clamp(min=1)

    @torch.no_grad()
    def _sums(self, logits: Tensor, inside: Tensor, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Total and number of the pairs, and the gradient of the total, which is 0 far from the boxes."""
        region = hull(inside)
        if region is None:
            return logits.new_zeros(()), logits.new_zeros(()), torch.zeros_like(logits)
        reach = max((-dy for dy, _ in self.shifts), default=0)
        region = region.grown(reach, logits.shape[-2:])
        maps = logits, inside.expand(logits.shape), images.expand(*logits.shape[:-3], -1, -1, -1)
        maps = [region.cut(m, reach, fill) for m, fill in zip(maps, (0.0, 0.0, torch.nan), strict=True)]
        cut_logits, inside, images = (m.reshape(-1, *m.shape[-3:]) for m in maps)
        total = count = logits.new_zeros(())
        gradient = torch.empty_like(cut_logits)
        for part in in_parts(len(cut_logits), cut_logits[0].numel(), logits.device):
            around = cut_logits[part]
            here = view_at(around, reach, reach, region.size)
            weights = self._weights(rgb_to_lab(images[part]), inside[part], reach, region.size)
            pairs = DisagreementSum(here, around, self.shifts, weights)
            total, count = total + pairs.total, count + pairs.count
            gradient[part] = pairs.gradient_b
            view_at(gradient[part], reach, reach, region.size).add_(pairs.gradient_a)
        gradient = gradient.view(*logits.shape[:-2], *gradient.shape[-2:])
        return total, count, region.put_back(gradient, logits.shape[-2:], reach)

    def _weights(self, lab: Tensor, inside: Tensor, reach: int, size: tuple[int, int]) -> Iterator[Tensor]:
        """For every shift: how many pixels of each pair lie in the box, 0 if their colours differ."""
        for dy, dx in self.shifts:
            (lab_a, lab_b), (here, there) = (
                [view_at(maps, reach + y, reach + x, size) for y, x in ((0, 0), (dy, dx))]
                for maps in (lab, inside)
            )
            same = aligned_similarity(lab_a, lab_b, 1, self.gamma) >= self.threshold
            yield (here + there).mul_(same.unsqueeze(-3))
