"""Temporal loss: patches of the same colours in two frames have the same labels."""

import functools
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...errors import ConfigError
from ...registry import MODELS
from .box_masks import boxes_to_masks, hull
from .color_pairwise import rgb_to_lab
from .pixel_pairs import (
    AVERAGES,
    DisagreementSum,
    aligned_similarity,
    in_parts,
    pixel_weights,
    reduce_map,
    shifted,
    view_at,
    window,
    with_gradient,
)
from .reduction import check_choice, check_odd

PAIRS = ('cyclic', 'consecutive')
CONSISTENCY = ('patch', 'center')


def frame_pairs(num_frames: int, pairs: str = 'cyclic') -> list[tuple[int, int]]:
    """Pairs of frames (t, t') that are compared: pixels of t with patches of t'.

    Args:
        num_frames: T; a single frame gives no pair.
        pairs: ``'consecutive'``: every (t, t+1); ``'cyclic'``: also (T-1, 0) (Skogh 2024, eq. 3.19), so that
            two frames are compared in both directions.
    """
    chain = [(t, t + 1) for t in range(num_frames - 1)]
    return [*chain, (num_frames - 1, 0)] if pairs == 'cyclic' and chain else chain


def patch_similarity(
    lab_a: Tensor, lab_b: Tensor, dy: int, dx: int, patch_size: int = 3, gamma: float = 2.0
) -> Tensor:
    """``exp(-|P_a(p) - P_b(p + d)| / gamma)`` of all pixels p and one offset d.

    P(p) are the colours of the patch around p as one vector of 3 * patch_size**2 numbers (Ke et al. 2023;
    Skogh 2024, Sec. 3.3 with eq. 3.14).

    Args:
        lab_a: one frame (..., 3, H, W); NaN where padded.
        lab_b: the other.
        dy: row offset d, either sign.
        dx: column offset.
        patch_size: odd.
        gamma: temperature.

    Returns:
        Tensor: (..., H, W) in [0, 1]; NaN where one of the two patches extends beyond its image.
    """
    border = (patch_size // 2,) * 4
    lab_a, lab_b = (F.pad(lab, border, value=torch.nan) for lab in (lab_a, shifted(lab_b, dy, dx, torch.nan)))
    return aligned_similarity(lab_a, lab_b, patch_size, gamma)


def similar_patches(similarity: Tensor, top_k: int | None, threshold: float) -> Tensor:
    """Which offsets of a pixel match: all that reach the threshold, or the ``top_k`` best of these.

    Args:
        similarity: (..., K, H, W) for K offsets; NaN never matches.
        top_k: maximum number of matches per pixel; None: any number.
        threshold: minimum similarity.

    Returns:
        Tensor: bool (..., K, H, W).
    """
    if top_k is None or top_k >= similarity.shape[-3]:
        return similarity >= threshold
    last, following = last_of_the_largest(similarity.nan_to_num(-1).unbind(-3), top_k)
    matches = similarity >= last.clamp(min=threshold).unsqueeze(-3)
    tied = (last == following) & (last >= threshold)
    if tied.any():  # more than top_k, counting ties with the last one
        similar = similarity.movedim(-3, -1)[tied]
        matches.movedim(-3, -1)[tied] = _no_more_than(top_k, similar) & (similar >= threshold)
    return matches


def last_of_the_largest(maps: Sequence[Tensor], number: int) -> tuple[Tensor, Tensor]:
    """The ``number``-th largest value at each pixel, of more maps than that, and the next largest.

    Many times faster than sorting a handful of numbers at each of very many pixels.
    """
    for _ in range(number):
        largest, *rest = maps
        maps = []
        for other in rest:
            maps.append(torch.minimum(largest, other))
            largest = torch.maximum(largest, other)
    return largest, functools.reduce(torch.maximum, maps)


def _no_more_than(top_k: int, similarity: Tensor) -> Tensor:
    """The ``top_k`` best of similarity (n, K), as bool (n, K); ties are broken arbitrarily."""
    indices = similarity.nan_to_num(-1).topk(top_k, -1).indices
    return torch.zeros_like(similarity, dtype=torch.bool).scatter(-1, indices, True)


def stop_gradient_average(loss: Tensor) -> Tensor:
    """Detach regularisation (Skogh 2024, eq. 3.22): the average of L(a, const b) and L(const a, b).

    It has the value of L and, as each partial derivative of L occurs in one of the two terms, exactly half
    its gradient. So no term is computed twice.
    """
    return (loss + loss.detach()) / 2


@MODELS.register_module()
class TemporalPatchConsistencyLoss(nn.Module):
    """Disagreement of pixels with similar patches of another frame; a :class:`~.BoxLoss`.

    Skogh 2024, Sec. 3.3, eq. 3.18 to 3.22; Ke et al. 2023 (MaskFreeVIS), whose values are the defaults;
    ``configs/_base_/losses/box.py`` has those of the thesis. Colours are compared on a map reduced by
    ``stride``, and the logits are averaged to it. Only pixels in one of the object's two boxes count, and
    only objects that count in both frames.

    Args:
        patch_size: pixels of a patch's side, odd.
        search_size: patches are searched at search_size x search_size positions around the pixel, odd.
        search_dilation: their spacing; ``patch_size`` makes the searched patches disjoint.
        top_k: maximum number of matches per pixel, the most similar ones; None: all that reach the threshold
            (Skogh 2024, eq. 3.18).
        threshold: minimum similarity of a match.
        gamma: temperature of the similarity.
        stride: reduction of the map.
        pairs: of frames, see :func:`frame_pairs`.
        consistency: what must agree with the pixel: ``'patch'``, all pixels of a matched patch (eq. 3.18), or
            ``'center'``, its centre (Ke et al. 2023).
        average: ``'matches'``: mean over all matches and the pixels that must agree, as MaskFreeVIS' code;
            ``'pixels'``: sum over these for an object in a pair of frames divided by HW, then the mean over
            pairs and objects (Skogh 2024, eq. 3.18 to 3.20 with the HW of eq. 3.16).
        detach: see :func:`stop_gradient_average`; off gives eq. 3.21.
        loss_weight: factor.
        loss_name: key in the log.

    Raises:
        ConfigError: an even size, ``top_k`` beyond the number of positions, or an unknown choice.
    """

    def __init__(
        self,
        patch_size: int = 3,
        search_size: int = 3,
        search_dilation: int = 3,
        top_k: int | None = 5,
        threshold: float = 0.05,
        gamma: float = 2.0,
        stride: int = 4,
        pairs: str = 'cyclic',
        consistency: str = 'patch',
        average: str = 'matches',
        detach: bool = True,
        loss_weight: float = 1.0,
        loss_name: str = 'loss_temporal',
    ) -> None:
        super().__init__()
        check_odd(self, patch_size=patch_size, search_size=search_size)
        check_choice(self, 'pairs', pairs, PAIRS)
        check_choice(self, 'consistency', consistency, CONSISTENCY)
        check_choice(self, 'average', average, AVERAGES)
        if top_k is not None and not 1 <= top_k <= search_size**2:
            raise ConfigError(
                f'TemporalPatchConsistencyLoss.top_k: found {top_k}, expected 1 to {search_size**2}, '
                f'the number of places that search_size={search_size} gives, or None for all.'
            )
        self.offsets = window(search_size, search_dilation)
        self.consistent_size = patch_size if consistency == 'patch' else 1
        self.patch = window(self.consistent_size)
        self.reach = search_size // 2 * search_dilation + patch_size // 2
        self.patch_size, self.top_k, self.threshold, self.gamma = patch_size, top_k, threshold, gamma
        self.stride, self.pairs, self.average, self.detach = stride, pairs, average, detach
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(self, logits: Tensor, boxes: Tensor, images: Tensor, weight: Tensor | None = None) -> Tensor:
        """Loss of the objects that count in both frames of a pair; 0 for a single frame.

        Args:
            logits: (B, T, N, H, W).
            boxes: (B, T, N, 4) xyxy in pixels of the logits.
            images: (B, T, 3, H, W) RGB in 0..255; NaN where padded; such pixels match nothing.
            weight: bool (B, T, N).
        """
        logits, images = reduce_map(logits.float(), self.stride), reduce_map(images.float(), self.stride)
        inside = boxes_to_masks(boxes / self.stride, logits.shape[-2:]).to(logits)
        counts = inside.new_ones(boxes.shape[:-1]) if weight is None else weight.to(inside)
        total, count, gradient = self._sums(logits.detach(), inside, counts, images)
        loss = with_gradient(total, logits, gradient) / count.clamp(min=1)
        return self.loss_weight * (stop_gradient_average(loss) if self.detach else loss)

    @torch.no_grad()
    def _sums(
        self, logits: Tensor, inside: Tensor, counts: Tensor, images: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Total, its divisor, and the gradient of the total, which is 0 far from the boxes."""
        total = count = logits.new_zeros(())
        region = hull(inside * counts[..., None, None])
        if region is None:
            return total, count, torch.zeros_like(logits)
        pooled, per_pair = self.average == 'matches', pixel_weights(images, self.average)
        around, reach = region.cut(logits, self.reach), self.reach
        inside, lab = region.cut(inside), rgb_to_lab(region.cut(images, reach, torch.nan))
        gradient = torch.zeros_like(around)
        frames = torch.tensor(frame_pairs(logits.shape[1], self.pairs), device=logits.device).view(-1, 2)
        for part in in_parts(len(frames), around[:, 0].numel(), logits.device):
            first, second = frames[part].T
            both = counts[:, first] * counts[:, second]
            either = torch.maximum(inside[:, first], inside[:, second])
            either = either * (both * per_pair[:, first, None])[..., None, None]
            weights = (match * either for match in self._matches(lab, first, second).unsqueeze(3).unbind(2))
            here = view_at(around, reach, reach, region.size)[:, first]
            pairs = DisagreementSum(here, around[:, second], self.offsets, weights, self.consistent_size)
            total, count = total + pairs.total, count + (pairs.count if pooled else both.sum())
            gradient[:, second] += pairs.gradient_b
            view_at(gradient, reach, reach, region.size)[:, first] += pairs.gradient_a
        number = self.consistent_size**2 if pooled else 1
        return total / number, count, region.put_back(gradient / number, logits.shape[-2:], reach)

    @torch.no_grad()
    def match(self, images: Tensor, first: Sequence[int], second: Sequence[int]) -> Tensor:
        """Matches of P pairs of frames at K positions.

        Args:
            images: (B, T, 3, H, W) as in :meth:`forward`, reduced.
            first: frame t of each pair.
            second: frame t'.

        Returns:
            Tensor: bool (B, P, K, H, W).
        """
        return self._matches(
            rgb_to_lab(F.pad(images.float(), (self.reach,) * 4, value=torch.nan)), first, second
        )

    def _matches(self, lab: Tensor, first: Sequence[int], second: Sequence[int]) -> Tensor:
        """See :meth:`match`, from Lab colours (B, T, 3, H + 2 reach, W + 2 reach)."""
        border = self.reach - self.patch_size // 2
        size = [n - 2 * border for n in lab.shape[-2:]]
        lab_a = view_at(lab, border, border, size)[:, first]
        similarity = []
        for dy, dx in self.offsets:
            lab_b = view_at(lab, border + dy, border + dx, size)[:, second]
            similarity.append(aligned_similarity(lab_a, lab_b, self.patch_size, self.gamma))
        return similar_patches(torch.stack(similarity, 2), self.top_k, self.threshold)
