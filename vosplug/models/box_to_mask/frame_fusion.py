"""Fusion of object encodings over frames."""

from typing import Any

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from ...errors import ConfigError
from ...registry import MODELS
from ..memory import FilterLearner, apply_filters, dot_similarity, space_time_read


@MODELS.register_module()
class FilterFusion(FilterLearner):
    """Learns filters from the encodings of all frames, then applies them to each (Zhao et al. 2021, eq. 2).

    What recurs in all frames is kept; what is accidental in one is suppressed. Sec. 3.5: 3x3 filters, 5 steps
    in training and 15 in inference; the initial regularisation is the authors'.

    Args:
        kwargs: of :class:`~vosplug.models.FilterLearner`.
    """

    def __init__(self, steps: int = 5, test_steps: int | None = 15, **kwargs: Any) -> None:
        super().__init__(steps=steps, test_steps=test_steps, **kwargs)

    def forward(self, features: Tensor, encodings: Tensor, weights: Tensor) -> Tensor:  # type: ignore[override]
        """Encodings of all frames, fused.

        Args:
            features: x, (B, T, C, h, w).
            encodings: e, (B, T, E, h, w).
            weights: w, likewise: how certain each encoding is.

        Returns:
            Tensor: s, (B, T, E, h, w).
        """
        filters = super().forward(features, encodings.unsqueeze(2), weights.unsqueeze(2))
        return apply_filters(features, filters, self.dilation).squeeze(2)


@MODELS.register_module()
class MatchingFusion(BaseModule):
    """Reads the encodings of all frames by dense matching of features.

    The baseline that Zhao et al. 2021, Table 3, call "STA": features are keys, encodings values (Oh et al.
    2019); their certainty is not used.
    """

    uses_weights = False

    def forward(self, features: Tensor, encodings: Tensor, weights: Tensor) -> Tensor:
        """See :meth:`FilterFusion.forward`."""
        keys, values = (x.transpose(1, 2).flatten(2) for x in (features, encodings))  # (B, C, T h w)
        # normalised at each position, not over the whole map: dot products then have the scale of those of
        # keys
        keys = F.normalize(keys, dim=1) * keys.shape[1] ** 0.5
        length = features.shape[-2] * features.shape[-1]
        read = [space_time_read(dot_similarity(keys, query), values) for query in keys.split(length, -1)]
        return torch.stack(read, 1).unflatten(-1, features.shape[-2:])


@MODELS.register_module()
class ConcatFusion(BaseModule):
    """Passes the concatenated encodings of a fixed number of frames through a small network.

    The baseline "Concat" of Zhao et al. 2021, Table 3. Fewer frames are padded with copies of the last one.

    Args:
        frames: T.
        channels: E of the encodings.
        hidden: channels of the network.
    """

    uses_weights = False

    def __init__(self, frames: int, channels: int = 16, hidden: int = 64) -> None:
        super().__init__()
        self.frames = frames
        self.network = nn.Sequential(
            *(nn.Conv2d(frames * channels, hidden, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(hidden, hidden, 3, padding=1), nn.ReLU()),
            nn.Conv2d(hidden, frames * channels, 3, padding=1),
        )

    def forward(self, features: Tensor, encodings: Tensor, weights: Tensor) -> Tensor:
        """See :meth:`FilterFusion.forward`.

        Raises:
            ConfigError: more frames than the network takes.
        """
        length = encodings.shape[1]
        if length > self.frames:
            raise ConfigError(
                f'ConcatFusion: found {length} frames, expected up to {self.frames}, for which it was built '
                f'(model.fusion.frames). Use STAInitializer(frames={self.frames}).'
            )
        filled = torch.cat([encodings, encodings[:, -1:].expand(-1, self.frames - length, -1, -1, -1)], 1)
        return self.network(filled.flatten(1, 2)).view_as(filled)[:, :length]
