"""Filters learned at run time by unrolled steepest descent."""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from ...errors import ConfigError
from ...registry import MODELS

SMALLEST = 1e-8  # curvature: where the gradient is 0, so is the step


def apply_filters(features: Tensor, filters: Tensor, dilation: int | Sequence[int] = 1) -> Tensor:
    """Convolve frames with the filters of their objects, keeping the size.

    Args:
        features: (B, T, C, h, w).
        filters: (B, N, F, C, k, k), k odd: F for each object.
        dilation: of the filters; several values apply to equal parts of F.

    Returns:
        Tensor: (B, T, N, F, h, w).
    """
    rows, kernel = _to_rows(filters), (filters.shape[1], filters.shape[-1], _several(dilation))
    return _stacked((_convolve(frame, rows, *kernel) for frame in features.unbind(1)), features.shape[1])


@MODELS.register_module()
class FilterLearner(BaseModule):
    """Learns filters that map features to labels, by steepest descent.

    Filters z minimise the sum over frames of ``|w (x * z - e)|^2`` plus ``|r z|^2`` (Zhao et al. 2021, eq.
    2b, times T, with lambda = r^2 / T, as in their code; Bhat et al. 2020, "Learning What to Learn for Video
    Object Segmentation", Sec. 3.3). Each step follows the gradient with the optimal length for this
    quadratic, object by object. The steps are differentiable; in inference they need no graph. Scores are
    updated, not recomputed, so a step costs two convolutions. The descent is in single precision, even under
    autocast.

    Args:
        kernel_size: k, odd.
        dilation: see :func:`apply_filters`.
        steps: in training.
        test_steps: in inference; None: the same number.
        regularisation: initial r, which is learned.

    Raises:
        ConfigError: an even kernel, or a negative number of steps.
    """

    def __init__(
        self,
        kernel_size: int = 3,
        dilation: int | Sequence[int] = 1,
        steps: int = 5,
        test_steps: int | None = None,
        regularisation: float = 0.01,
    ) -> None:
        super().__init__()
        test_steps = steps if test_steps is None else test_steps
        if kernel_size % 2 == 0 or min(steps, test_steps) < 0:
            raise ConfigError(
                f'FilterLearner: found kernel_size={kernel_size}, steps={steps} and test_steps={test_steps}, '
                'expected an odd size and 0 steps or more.'
            )
        self.kernel_size, self.dilation = kernel_size, _several(dilation)
        self.steps, self.test_steps = steps, test_steps
        self.regularisation = nn.Parameter(torch.tensor([float(regularisation)]))

    def forward(
        self,
        features: Tensor | Sequence[Tensor],
        labels: Tensor,
        weights: Tensor | None = None,
        initial: Tensor | None = None,
        steps: int | None = None,
    ) -> Tensor:
        """Filters of N objects, which share features but have their own labels.

        Args:
            features: x, (B, T, C, h, w): T frames of B sequences; or frame by frame, (B, C, h, w) each, so
                that a memory need not join them.
            labels: e, (B, T, N, F, h, w).
            weights: w, like the labels or broadcast to them; since they multiply residuals, squared errors
                are weighted by their squares. None: ``1 / sqrt(T)``.
            initial: filters to start from, (B, N, F, C, k, k); None: 0.
            steps: overrides the module's.

        Returns:
            Tensor: (B, N, F, C, k, k).
        """
        if steps is None:
            steps = self.steps if self.training else self.test_steps
        if weights is None:
            weights = labels.new_tensor(labels.shape[1] ** -0.5)
        frames = features.unbind(1) if isinstance(features, Tensor) else tuple(features)
        precision = torch.promote_types(frames[0].dtype, torch.float32)
        frames = tuple(frame.to(precision) for frame in frames)
        e, w = labels.to(precision), weights.expand_as(labels).to(precision)
        with torch.autocast(labels.device.type, enabled=False):
            return self._descend(frames, e, w, initial, steps)

    def _descend(
        self,
        frames: tuple[Tensor, ...],
        labels: Tensor,
        weights: Tensor,
        initial: Tensor | None,
        steps: int,
    ) -> Tensor:
        batch, length, objects, count = labels.shape[:4]
        size, channels = self.kernel_size, frames[0].shape[1]

        def convolved(rows: Tensor) -> Tensor:
            return _stacked((_convolve(x, rows, objects, size, self.dilation) for x in frames), length)

        if initial is None:
            rows = labels.new_zeros(batch, objects * count * size**2, channels)
            scores = torch.zeros_like(labels)
        else:
            rows = _to_rows(initial.to(labels))
            scores = convolved(rows)
        shrinkage = self.regularisation.square()
        for _ in range(steps):
            gradient = shrinkage * rows
            for t, frame in enumerate(frames):
                errors = weights[:, t].square() * (scores[:, t] - labels[:, t])
                gradient = gradient + _correlate(frame, errors, size, self.dilation)
            changes = convolved(gradient)
            steepness = gradient.square().unflatten(1, (objects, -1)).sum((2, 3))  # (B, N)
            curvature = shrinkage * steepness
            for t in range(length):
                curvature = curvature + (weights[:, t] * changes[:, t]).square().sum((2, 3, 4))
            step = steepness / curvature.clamp(min=SMALLEST)
            rows = rows - step.repeat_interleave(count * size**2, 1).unsqueeze(-1) * gradient
            scores = torch.addcmul(scores, step[:, None, :, None, None, None], changes, value=-1)
        return _to_filters(rows, (batch, objects, count, channels, size, size))


# Filters as rows, (B, N * F * k * k, C): each has the weights of one position of one filter. All products are
# a single matrix product, whose result, small compared with the features, is shifted and summed; features are
# neither unfolded nor copied.


def _to_rows(filters: Tensor) -> Tensor:
    return filters.flip(-2, -1).movedim(3, -1).flatten(1, -2)


def _to_filters(rows: Tensor, shape: tuple[int, ...]) -> Tensor:
    return rows.view(*shape[:3], *shape[4:], shape[3]).movedim(-1, 3).flip(-2, -1)


def _convolve(frame: Tensor, rows: Tensor, objects: int, size: int, dilations: Sequence[int]) -> Tensor:
    """Scores (B, N, F, h, w) of a frame (B, C, h, w)."""
    products = torch.bmm(rows, frame.flatten(2)).unflatten(-1, frame.shape[-2:])
    groups = [
        _ShiftedSum.apply(own.flatten(1, 2), size, d).unflatten(1, (objects, -1))
        for own, d in zip(
            products.unflatten(1, (objects, len(dilations), -1, size**2)).unbind(2), dilations, strict=True
        )
    ]
    return _joined(groups)


def _correlate(frame: Tensor, maps: Tensor, size: int, dilations: Sequence[int]) -> Tensor:
    """The transpose of :func:`_convolve`: rows, from maps (B, N, F, h, w)."""
    windows = [
        _Windows.apply(group.flatten(1, 2), size, d).unflatten(1, (maps.shape[1], -1))
        for group, d in zip(maps.chunk(len(dilations), 2), dilations, strict=True)
    ]
    return torch.bmm(_joined(windows).flatten(1, 3).flatten(2), frame.flatten(2).transpose(1, 2))


# Like F.fold and F.unfold, which take several times as long on maps this small; each is the transpose of the
# other, hence its gradient.


class _ShiftedSum(torch.autograd.Function):
    """Sum (B, M, h, w) of products (B, M, k * k, h, w), each shifted by its position in the filter."""

    @staticmethod
    def forward(ctx: Any, products: Tensor, size: int, dilation: int) -> Tensor:
        ctx.options = size, dilation
        reach, (height, width) = dilation * (size // 2), products.shape[-2:]
        padded = products.new_zeros(*products.shape[:2], height + 2 * reach, width + 2 * reach)
        for place, product in enumerate(products.unbind(2)):
            top, left = (dilation * k for k in divmod(place, size))
            padded[..., top : top + height, left : left + width] += product
        return padded[..., reach : reach + height, reach : reach + width]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        return _Windows.apply(gradient, *ctx.options), None, None


class _Windows(torch.autograd.Function):
    """Maps (B, M, h, w) as seen by each position of a filter, (B, M, k * k, h, w)."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor, size: int, dilation: int) -> Tensor:
        ctx.options = size, dilation
        reach, (height, width) = dilation * (size // 2), maps.shape[-2:]
        padded = F.pad(maps, (reach,) * 4)
        return padded.unfold(2, height, dilation).unfold(3, width, dilation).flatten(2, 3)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        return _ShiftedSum.apply(gradient, *ctx.options), None, None


def _stacked(frames: Iterable[Tensor], length: int) -> Tensor:
    """Stack ``length`` frames (B, ...) to (B, T, ...), holding them twice only where gradients need it."""
    if torch.is_grad_enabled():
        return torch.stack(list(frames), 1)
    stacked = torch.empty(())
    for t, frame in enumerate(frames):
        if t == 0:
            stacked = frame.new_empty(len(frame), length, *frame.shape[1:])
        stacked[:, t] = frame
    return stacked


def _joined(groups: list[Tensor]) -> Tensor:
    return torch.cat(groups, 2) if len(groups) > 1 else groups[0]


def _several(dilation: int | Sequence[int]) -> tuple[int, ...]:
    return (dilation,) if isinstance(dilation, int) else tuple(dilation)
