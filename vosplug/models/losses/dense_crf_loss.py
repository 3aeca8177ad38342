"""The energy of a dense CRF as a loss: similar pixels have the same label, wherever they are."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...registry import MODELS
from ..postprocess.gaussian_filters import Filter, bilateral_filter
from .pixel_pairs import with_gradient


def cut_energy(prob: Tensor, kernel: Filter) -> Tensor:
    """Share of a kernel that lies between an object and the rest (Tang et al. 2018, eq. 6).

    Args:
        prob: of the object, float32 (H, W) in [0, 1].
        kernel: symmetric, see :func:`~vosplug.models.postprocess.gaussian_filters.bilateral_filter`.

    Returns:
        Tensor: scalar in [0, 1/2], ``2 S' W (1 - S) / 1' W 1``: the paper's sum over both labels, as a share
        of the whole kernel, so that it does not grow with the image.
    """
    own = prob.detach().cpu()
    whole, inside = (torch.from_numpy(kernel(x)) for x in (np.ones(prob.shape, np.float32), own.numpy()))
    total = whole.sum()
    energy = (own * (whole - inside)).sum() * 2 / total
    gradient = (whole - 2 * inside) * 2 / total
    return with_gradient(energy.to(prob), prob, gradient.to(prob))


@MODELS.register_module()
class DenseCRFLoss(nn.Module):
    """Dense CRF's energy of each object's mask, see :func:`cut_energy`; a :class:`~.BoxLoss` without boxes.

    The regularised loss of Tang et al. 2018, which Zhao et al. 2021, Table 4, add to the multiple-instance
    loss ("MIL+CRF"). Kernels are computed on the CPU; those of more than 4,096 pixels by a permutohedral
    lattice.

    Args:
        xy_std: of the bilateral kernel, in pixels of the logits; 100 in the authors' code.
        rgb_std: in grey levels, 0 to 255; 15 in the authors' code.
        stride: images and probabilities are average-pooled by this factor; the authors use 2. A frame with
            fewer valid rows or columns than that is skipped.
        loss_weight: factor.
        loss_name: key in the log.
    """

    def __init__(
        self,
        xy_std: float = 100.0,
        rgb_std: float = 15.0,
        stride: int = 4,
        loss_weight: float = 1.0,
        loss_name: str = 'loss_crf',
    ) -> None:
        super().__init__()
        self.xy_std, self.rgb_std, self.stride = xy_std, rgb_std, stride
        self.loss_weight, self.loss_name = loss_weight, loss_name

    def forward(self, logits: Tensor, boxes: Tensor, images: Tensor, weight: Tensor | None = None) -> Tensor:
        """Mean over the objects that count.

        Args:
            logits: (..., N, H, W), independent per object; computed in float32.
            boxes: not used.
            images: (..., 3, H, W), NaN where padded.
            weight: bool (..., N).
        """
        logits = logits.float()
        counts = logits.new_ones(logits.shape[:-2], dtype=torch.bool) if weight is None else weight
        energies = []
        maps, colours = (x.reshape(-1, *x.shape[-3:]) for x in (logits, images))
        frames = zip(maps, colours, counts.reshape(len(maps), -1), strict=True)
        for own, image, counted in frames:
            if counted.any():
                stride = min(self.stride, *own.shape[-2:])
                image = F.avg_pool2d(image.float(), stride)
                # padding is right and below
                height, width = (int((~image[0].isnan()).any(axis).sum()) for axis in (1, 0))
                if not height or not width:
                    continue
                shown = image[:, :height, :width].permute(1, 2, 0).round().byte().cpu().numpy()
                kernel = self._kernel(np.ascontiguousarray(shown))
                probs = F.avg_pool2d(own[counted].sigmoid(), stride)[:, :height, :width]
                energies += [cut_energy(prob, kernel) for prob in probs]
        if not energies:
            return logits.sum() * 0
        return self.loss_weight * torch.stack(energies).mean()

    def _kernel(self, image: np.ndarray) -> Filter:
        exact = image.shape[0] * image.shape[1] <= 4096
        return bilateral_filter(image, self.xy_std / self.stride, self.rgb_std, exact)
