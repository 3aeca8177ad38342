"""The goldens' recipe for inputs (goldens/fill.py), and pairs of pixels as they number them."""

import numpy as np
import torch


def randn(seed: int, shape: tuple[int, ...], scale: float) -> torch.Tensor:
    """Normal numbers of a seed, as float32."""
    return torch.from_numpy((np.random.default_rng(seed).standard_normal(shape) * scale).astype(np.float32))


def pair(maps: torch.Tensor, dy: int, dx: int) -> tuple[torch.Tensor, torch.Tensor]:
    """All pixels p and p + (dy, dx) that both lie in maps (..., H, W); dy <= 0."""
    height, width = maps.shape[-2:]
    here = maps[..., -dy:, max(-dx, 0) : width - max(dx, 0)]
    return here, maps[..., : height + dy, max(dx, 0) : width - max(-dx, 0)]
