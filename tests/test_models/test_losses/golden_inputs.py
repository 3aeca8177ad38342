"""The goldens' recipe for inputs (goldens/fill.py)."""

import numpy as np
import torch


def randn(seed: int, shape: tuple[int, ...], scale: float) -> torch.Tensor:
    """Normal numbers of a seed, as float32."""
    return torch.from_numpy((np.random.default_rng(seed).standard_normal(shape) * scale).astype(np.float32))
