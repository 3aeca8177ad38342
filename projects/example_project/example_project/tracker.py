"""A streaming-only tracker without a network, which works with test loop, evaluator and inferencer."""

import torch
from torch import Tensor

from vosplug.models import Frame, StreamingSegmentor
from vosplug.registry import MODELS


@MODELS.register_module()
class ColourHistogramTracker(StreamingSegmentor):
    """Segments objects by colour histograms of prompted frames.

    Args:
        bins: of each colour channel.
        kwargs: of ``StreamingSegmentor``.
    """

    def __init__(self, bins: int = 8, **kwargs) -> None:
        super().__init__(**kwargs)
        self.bins = bins

    def start(self, video) -> list[Tensor]:
        """Log odds of every colour, per object."""
        return []

    def _colours(self, frame: Frame) -> Tensor:
        image = torch.from_numpy(frame.geometry.to_work(frame.image)).long() * self.bins // 256
        return frame.geometry.pad(image @ torch.tensor([1, self.bins, self.bins**2]))

    def segment(self, state, frame) -> Tensor:
        """Log odds (N, H, W) of the frame's colours."""
        colours = frame.once(self, 'colours', lambda: self._colours(frame))
        return torch.stack([odds[colours] for odds in state])

    def remember(self, state, frame, probs, prompted) -> None:
        """Count colours inside and outside of prompted objects."""
        colours = frame.once(self, 'colours', lambda: self._colours(frame)).flatten()
        for slot in sorted(prompted):
            inside, outside = (
                torch.bincount(colours, weight.flatten(), self.bins**3) + 1
                for weight in (probs[slot], 1 - probs[slot])
            )
            state[slot : slot + 1] = [(inside / outside).log().float()]
