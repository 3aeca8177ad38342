"""Parameters and floating-point operations of a streaming model."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from ..models.box_to_mask import as_box_to_mask
from ..structures import VideoSource
from .measured_stream import Prompts


@dataclass(frozen=True)
class Complexity:
    """Size of a model, and what it computes in each frame of a video.

    Attributes:
        parameters: number of parameters.
        trainable: number of trainable parameters.
        flops: FLOPs of each frame, the first with its prompts; multiply and add count as two operations.
        parts: FLOPs of the last frame by module class; ``others``, such as readout, belong to no module;
            only for streams.
    """

    parameters: int
    trainable: int
    flops: tuple[int, ...]
    parts: dict[str, int]

    @property
    def first(self) -> int:
        """FLOPs of the first frame, including prompts and the learning from them."""
        return self.flops[0]

    @property
    def later(self) -> int | None:
        """FLOPs of the last frame, when the memory of a long video is full; None if there is no other."""
        return self.flops[-1] if len(self.flops) > 1 else None


def stream_complexity(model: Any, source: VideoSource, prompts: Prompts) -> Complexity:
    """Count the FLOPs of a model in each frame of a stream, or of a box-to-mask network for prompted boxes.

    Convolutions, matrix products and attention count, also those of training steps on the first frame;
    element-wise operations are left out, as is usual.

    Args:
        model: in eval mode.
        source: video.
        prompts: prompts of its first frame.
    """
    steps = model.stream(source, prompts) if hasattr(model, 'stream') else _masks(model, source, prompts)
    flops, parts = [], {}
    while True:
        with FlopCounterMode(display=False) as counter:
            if next(steps, None) is None:
                break
        flops.append(counter.get_total_flops())
        parts = _by_part(counter) if hasattr(model, 'stream') else {}
    return Complexity(*_count(model), tuple(flops), parts)


def _masks(model: nn.Module, source: VideoSource, prompts: Prompts) -> Any:
    """The masks of one frame from its boxes."""
    with torch.no_grad():
        yield as_box_to_mask(model)([source[0]], 0, {0: np.stack([p.box for p in prompts[0]])})


def _count(model: nn.Module) -> tuple[int, int]:
    sizes = [(p.numel(), p.requires_grad) for p in model.parameters()]
    return sum(n for n, _ in sizes), sum(n for n, trained in sizes if trained)


def _by_part(counter: FlopCounterMode) -> dict[str, int]:
    """Operations by class of the outermost modules, and those outside of modules."""
    counts = {name: sum(ops.values()) for name, ops in counter.get_flop_counts().items() if '.' not in name}
    total = counts.pop('Global', 0)
    rest = total - sum(counts.values())
    return {
        **{name: count for name, count in counts.items() if count},
        **({'others': rest} if rest > 0 else {}),
    }
