"""Fully connected CRF that aligns masks with colour edges."""

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from ...errors import ConfigError
from ...registry import MODELS
from .gaussian_filters import Filter, bilateral_filter, normalised, position_filter

MIN_PROB = 1e-5  # keeps log finite; the default weights (4 + 3 < 11.5) cannot overrule it


def mean_field(probs: Tensor, kernels: Sequence[tuple[float, Filter]], iterations: int) -> Tensor:
    """Mean-field inference with a Potts model (Kraehenbuehl & Koltun 2011, Algorithm 1).

    All pixels are updated at once: Q_i(l) is proportional to P_i(l) exp(sum_m w_m sum_j k_m(i, j) Q_j(l)).

    Args:
        probs: P, float32 (L, H, W) on the CPU, sums to 1 over labels; the unary energy is -log P, with P
            clamped to 1e-5.
        kernels: weight w_m and kernel k_m.
        iterations: number of updates.

    Returns:
        Tensor: Q, float32 (L, H, W), sums to 1 over labels.
    """

    def message(q: np.ndarray) -> Tensor:
        total = np.zeros_like(q)
        for weight, kernel in kernels:
            total += weight * kernel(q)
        return torch.from_numpy(total)

    log_probs = probs.clamp_min(MIN_PROB).log()
    all_labels = message(np.ones(probs.shape[1:], np.float32))
    q = log_probs.softmax(0)
    for _ in range(iterations):
        logits = log_probs.clone()
        logits[0] += all_labels
        for label in range(1, len(q)):
            received = message(q[label].numpy())
            logits[label] += received
            logits[0] -= received  # probabilities sum to 1, and so do messages to all_labels
        q = logits.softmax(0)
    return q


class WithImage(Protocol):
    """The part of a :class:`~vosplug.models.Frame` that is used here."""

    image: np.ndarray


@MODELS.register_module()
class DenseCRF:
    """Post-processor: fully connected CRF with a position and a bilateral kernel.

    The model of Kraehenbuehl & Koltun (2011) with Potts compatibility, as DeepLab (Chen et al. 2016,
    arXiv:1606.00915, Sec. 3.3) and MaskTrack (Perazzi et al. 2017, Sec. 5.2) apply it to a network's
    probabilities.

    Options are named as in DeepLab's scripts. ``max_iter``, ``pos_w`` and ``pos_xy_std`` are the DeepLab
    paper's (Sec. 4.1.1), which tunes the others from 3 to 6 (``bi_w``), 30 to 100 (``bi_xy_std``) and 3 to 6
    (``bi_rgb_std``). Their defaults are the values that re-implementations give for DeepLabv2-VGG16, there
    with ``pos_w`` and ``pos_xy_std`` 2. MaskTrack's CRF is tuned per dataset; its values are in a supplement
    that was not available.

    Kernels are normalised symmetrically and include the pixel itself, as by default in the code of
    Kraehenbuehl & Koltun and in pydensecrf; their paper excludes the pixel itself.

    Frames of more than ``exact_pixels`` pixels use a permutohedral lattice for the bilateral kernel, as that
    code does: an approximation, while the position kernel is always exact. On crops of 110x150 pixels of
    DAVIS, fewer than 0.5% of the pixels get another label than with the exact kernel. Everything is computed
    on the CPU.

    Args:
        max_iter: mean-field iterations.
        bi_w: weight of the bilateral kernel (w1); 0 leaves it out.
        bi_xy_std: its standard deviation in pixels (sigma_alpha).
        bi_rgb_std: its standard deviation in grey levels, 0 to 255 (sigma_beta).
        pos_w: weight of the position kernel (w2); 0 leaves it out.
        pos_xy_std: its standard deviation in pixels (sigma_gamma).
        exact_pixels: largest frame with an exact bilateral kernel, whose memory is 4 bytes times the number
            of pixels squared: 64 MiB by default.

    Raises:
        ConfigError: an option out of its range.
    """

    def __init__(
        self,
        max_iter: int = 10,
        bi_w: float = 4,
        bi_xy_std: float = 65,
        bi_rgb_std: float = 3,
        pos_w: float = 3,
        pos_xy_std: float = 3,
        exact_pixels: int = 4096,
    ) -> None:
        if max_iter < 1:
            raise ConfigError(f'DenseCRF: max_iter is {max_iter}; expected at least 1.')
        if exact_pixels < 0:
            raise ConfigError(f'DenseCRF: exact_pixels is {exact_pixels}; expected at least 0 (never exact).')
        for name, weight in dict(bi_w=bi_w, pos_w=pos_w).items():
            if not 0 <= weight < math.inf:
                raise ConfigError(f'DenseCRF: {name} is {weight}; expected a weight of at least 0.')
        for name, std in dict(bi_xy_std=bi_xy_std, bi_rgb_std=bi_rgb_std, pos_xy_std=pos_xy_std).items():
            if not 0 < std < math.inf:
                raise ConfigError(
                    f'DenseCRF: {name} is {std}; expected a standard deviation above 0. '
                    'To leave a kernel out, set its weight (bi_w or pos_w) to 0.'
                )
        self.max_iter, self.exact_pixels = max_iter, exact_pixels
        self.bi_w, self.bi_xy_std, self.bi_rgb_std = bi_w, bi_xy_std, bi_rgb_std
        self.pos_w, self.pos_xy_std = pos_w, pos_xy_std

    def __call__(self, frame: WithImage, probs: Tensor) -> Tensor:
        """Align the masks of a frame; see :meth:`align`."""
        return self.align(frame.image, probs)

    def align(self, image: np.ndarray, probs: Tensor) -> Tensor:
        """Align masks with the colour edges of an image.

        Args:
            image: uint8 (H, W, 3).
            probs: (N+1, H, W), background first, sums to 1; any floating dtype and device.

        Returns:
            Tensor: the same shape, dtype and device; sums to 1.
        """
        refined = mean_field(probs.detach().float().cpu(), self._kernels(image), self.max_iter)
        return refined.to(probs)

    def _kernels(self, image: np.ndarray) -> list[tuple[float, Filter]]:
        size = image.shape[:2]
        kernels = []
        if self.pos_w:
            kernels.append((self.pos_w, position_filter(size, self.pos_xy_std)))
        if self.bi_w:
            exact = size[0] * size[1] <= self.exact_pixels
            kernels.append((self.bi_w, bilateral_filter(image, self.bi_xy_std, self.bi_rgb_std, exact)))
        return [(weight, normalised(kernel, size)) for weight, kernel in kernels]
