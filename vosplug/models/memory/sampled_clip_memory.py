"""XMem's memory of training clips."""

from collections.abc import Collection

import torch
from torch import Tensor

from .key_projection import AnisotropicKey
from .space_time_read import anisotropic_similarity, space_time_read


class SampledClipState:
    """All frames of a batch of clips; a readout uses some of them (Cheng & Schwing 2022, Sec. 3.5).

    Args:
        num_ref_frames: frames that a readout uses; in training they are sampled per clip, otherwise they are
            the newest.
        deep_update_prob: probability that a later frame updates the sensory state from its values, in
            training; the first always does.
        training: whether to sample.
    """

    deep_update_replaces = False  # applied after the decoder's update

    def __init__(self, num_ref_frames: int, deep_update_prob: float, training: bool) -> None:
        self.num_ref_frames, self.deep_update_prob, self.training = num_ref_frames, deep_update_prob, training
        self.keys: list[AnisotropicKey] = []
        self.values: list[Tensor] = []

    def is_due(self, t: int, prompted: Collection[int]) -> bool:
        """Every frame is kept."""
        return True

    def deep_update_is_due(self, t: int) -> bool:
        """Whether the frame about to be written renews the sensory state from its values."""
        return not self.values or (self.training and torch.rand(()).item() < self.deep_update_prob)

    def add(self, t: int, key: AnisotropicKey, values: Tensor) -> None:
        """Keep a frame: key, each part (B, C, h, w), and values (B, N, Cv, h, w)."""
        self.keys.append(key)
        self.values.append(values)

    def read(self, query: AnisotropicKey) -> Tensor:
        """Readout (B, N, Cv, h, w) for a frame with this key."""
        values = torch.stack(self.values, 1)
        picked = self.reference_frames(len(values)).to(values.device)
        rows = torch.arange(len(values), device=values.device).unsqueeze(1)
        key, shrinkage = (
            torch.stack([getattr(k, part) for k in self.keys], 1)[rows, picked].transpose(1, 2).flatten(2)
            for part in ('key', 'shrinkage')
        )
        similarity = anisotropic_similarity(
            key, shrinkage[:, 0], query.key.flatten(2), query.selection.flatten(2)
        )
        stored = values[rows, picked].permute(0, 2, 3, 1, 4, 5)
        read = space_time_read(similarity, stored.flatten(3).flatten(1, 2))
        return read.view(*stored.shape[:3], *stored.shape[-2:])

    def reference_frames(self, batch: int) -> Tensor:
        """Indices of the frames that each clip's readout uses, (B, R)."""
        frames = len(self.values)
        number = min(frames, self.num_ref_frames)
        if self.training:
            return torch.stack([torch.randperm(frames)[:number] for _ in range(batch)])
        return torch.arange(frames - number, frames).expand(batch, -1)
