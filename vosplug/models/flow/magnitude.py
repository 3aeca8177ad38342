"""The magnitude of a video's optical flow as a video."""

import numpy as np

from ...errors import ConfigError, FlowError
from ...structures import LastFrameSource, SourceView, VideoSource
from .base import FlowProvider

SLOWEST = 1.0  # pixels; slower motion is not scaled up to white, it would be noise


def flow_magnitude(flow: np.ndarray, subtract_median: bool = True, quantile: float = 0.99) -> np.ndarray:
    """Magnitude of a flow as a greyscale image (Perazzi et al. 2017, Sec. 3.3 and Fig. 2).

    The paper does not say how magnitudes are mapped to grey levels. Here, in every frame, the median motion,
    roughly that of the background, is black and the ``quantile`` of the magnitudes white. On DAVIS 2016's 30
    training sequences (240p, ``DISFlow``) objects are then brighter than the background (AUC 0.91, by 138
    grey levels on average). Without the subtraction they are darker (AUC 0.39), because the camera follows
    them.

    Args:
        flow: float (H, W, 2), NaN where unknown, which becomes black.
        subtract_median: whether to subtract the median of the known flow, per component.
        quantile: of the magnitudes, in (0, 1]; 1 is the largest one. White stands for at least 1 pixel.

    Returns:
        np.ndarray: uint8 (H, W, 3), the same in all channels.
    """
    x, y = flow[..., 0], flow[..., 1]  # per component NumPy is several times as fast
    known = np.isfinite(x) & np.isfinite(y)
    if subtract_median and known.any():
        x, y = x - np.median(x[known]), y - np.median(y[known])
    magnitude = np.where(known, np.sqrt(x**2 + y**2), 0)
    white = max(np.quantile(magnitude[known], quantile), SLOWEST) if known.any() else SLOWEST
    grey = np.rint(255 * np.minimum(magnitude / white, 1)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, -1)


class FlowMagnitudeSource(SourceView):
    """The magnitude of a video's optical flow as a video; frame 0 is black with a causal provider.

    Only the last frame and the last magnitude are kept; frames are decoded once if they are read in order.

    Args:
        source: the video.
        provider: of its flow.
        subtract_median: see :func:`flow_magnitude`.
        quantile: see :func:`flow_magnitude`.

    Raises:
        ConfigError: ``quantile`` outside (0, 1].
    """

    def __init__(
        self,
        source: VideoSource,
        provider: FlowProvider,
        subtract_median: bool = True,
        quantile: float = 0.99,
    ) -> None:
        if not 0 < quantile <= 1:
            raise ConfigError(f'FlowMagnitudeSource.quantile: found {quantile}, expected a value in (0, 1].')
        super().__init__(LastFrameSource(source))
        self.provider = provider
        self.subtract_median, self.quantile = subtract_median, quantile
        self._last: tuple[int, np.ndarray] | None = None

    @property
    def length(self) -> int | None:
        """Number of frames; None for a live source."""
        return self.source.length

    def has_frame(self, t: int) -> bool:
        """Whether there is a frame ``t``; a live source waits for it."""
        return self.source.has_frame(t)

    def __getitem__(self, t: int) -> np.ndarray:
        """Flow magnitude of frame ``t``; see :func:`flow_magnitude`.

        Raises:
            VideoError: a frame cannot be read.
            FlowError: the flow cannot be read, or is of another size than the video.
        """
        t = t if t >= 0 else t + len(self)
        if t < 0:
            raise IndexError(f'frame {t - len(self)} of a video of {len(self)} frames')
        if self._last is None or self._last[0] != t:
            flow = self.provider(self.source, t)
            if flow.shape != (*self.size, 2):
                raise FlowError(
                    f'{self.name or "video"}, frame {t}: expected a flow of shape {(*self.size, 2)}, found '
                    f'{flow.shape}; correct the provider ({type(self.provider).__name__}).'
                )
            self._last = t, flow_magnitude(flow, self.subtract_median, self.quantile)
        return self._last[1]
