"""Speed and memory of a streaming model."""

import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..errors import ConfigError
from ..models.build import check_tracker
from ..structures import VideoSource
from .measured_stream import Prompts


@dataclass(frozen=True)
class StreamSpeed:
    """Frame times and peak memory of a stream.

    Attributes:
        first_ms: time of the first frame, with its prompts.
        frame_ms: times of all frames after the warm-up; decoding included.
        peak_mb: peak memory in MiB: of this stream on the GPU, or without a GPU of the whole process
            (NaN on Windows).
        device: the device it ran on.
    """

    first_ms: float
    frame_ms: tuple[float, ...]
    peak_mb: float
    device: str

    @property
    def fps(self) -> float:
        """Frames per second after the warm-up."""
        return 1000 * len(self.frame_ms) / sum(self.frame_ms)

    def percentile(self, share: float) -> float:
        """Time in ms that ``share`` percent of the frames do not exceed."""
        return float(np.percentile(self.frame_ms, share))

    def report(self) -> dict:
        """Summary statistics, rounded."""
        times = {f'ms_p{share}': round(self.percentile(share), 2) for share in (50, 90, 99)}
        return dict(
            fps=round(self.fps, 2),
            ms_mean=round(1000 / self.fps, 2),
            **times,
            ms_first=round(self.first_ms, 2),
            peak_mb=round(self.peak_mb, 1),
            frames=len(self.frame_ms),
            device=self.device,
        )


def stream_speed(model: Any, source: VideoSource, prompts: Prompts, warmup: int = 5) -> StreamSpeed:
    """Time a stream frame by frame.

    Args:
        model: a segmentor, in eval mode.
        source: video.
        prompts: prompts of its objects.
        warmup: initial frames that do not count, such as those that fill the memory; at least one.

    Raises:
        ConfigError: a model that does not track objects, or a video of no more frames than the warm-up.
    """
    check_tracker(model)
    device = next((p.device for p in model.parameters()), torch.device('cpu'))
    if device.type == 'cuda':
        torch.cuda.reset_peak_memory_stats(device)
    times, last = [], time.perf_counter()
    # a result's mask is in CPU memory, so a GPU has finished it
    for _ in model.stream(source, prompts):
        now = time.perf_counter()
        times.append(1000 * (now - last))
        last = now
    later = times[max(warmup, 1) :]
    if not later:
        raise ConfigError(f'frames: found {len(times)}, expected more than the warm-up of {max(warmup, 1)}.')
    name = torch.cuda.get_device_name(device) if device.type == 'cuda' else device.type
    return StreamSpeed(times[0], tuple(later), _peak(device), name)


def _peak(device: torch.device) -> float:
    """Peak memory in MiB."""
    if device.type == 'cuda':
        return torch.cuda.max_memory_allocated(device) / 2**20
    try:
        import resource
    except ImportError:  # Windows does not have it
        return float('nan')
    unit = 2**20 if sys.platform == 'darwin' else 2**10  # macOS counts bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
