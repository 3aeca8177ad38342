"""STANet as a box-to-mask model."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ...errors import ConfigError
from ...registry import MODELS
from ...structures import BoxCrop
from ..build import build_trained
from .base import Frames, NetworkBoxToMask
from .filled_box import fill_boxes
from .sta_net import STANet


@MODELS.register_module()
class STAInitializer(NetworkBoxToMask):
    """STANet turns boxes into probabilities, from several frames whose boxes are known (Zhao et al. 2021).

    Sec. 3.5: T frames at an interval, which are moved by one from frame to frame. Here those nearest to the
    frame are taken that have a box; the interval is shorter in videos that are too short for it. Where only
    the frame's own box is known, as for a prompt, it works on that frame alone.

    Args:
        config: of :class:`~vosplug.models.STANet`: a path, one below the shipped configs, or the name of a
            model that comes with vosplug; or the network.
        checkpoint: its weights; not needed with a name.
        frames: T; 9 in Sec. 3.5.
        interval: in frames; 15 in Sec. 3.5, 5 on DAVIS (Sec. 4.1).
        refine: see :class:`BoxToMask`.
        inside_box: nothing outside of its box is the object.

    Raises:
        ConfigError: no frame or interval; no such config or name, one of another model, or one without
            weights.
        CheckpointError: the checkpoint does not fit.
    """

    def __init__(
        self,
        config: str | Path | STANet,
        checkpoint: str | Path | None = None,
        frames: int = 9,
        interval: int = 15,
        refine: bool = False,
        inside_box: bool = True,
    ) -> None:
        if frames < 1 or interval < 1:
            raise ConfigError(
                f'STAInitializer: found frames={frames} and interval={interval}, expected 1 or more.'
            )
        network = config if isinstance(config, STANet) else build_trained(config, checkpoint, STANet)
        super().__init__(network, refine)
        self.frames, self.interval, self.inside_box = frames, interval, inside_box

    def with_network(self, network: STANet) -> 'STAInitializer':
        """See the base."""
        return STAInitializer(network, None, self.frames, self.interval, self.refine, self.inside_box)

    @property
    def settings(self) -> dict:
        """See the base."""
        return {**super().settings, 'crop': self.network.crop}

    def forward(self, frames: Frames, t: int, boxes: Mapping[int, np.ndarray]) -> np.ndarray:
        """See the base."""
        tracks = [{k: own[n] for k, own in boxes.items()} for n in range(len(boxes[t]))]
        return np.stack([self._mask(frames, t, track) for track in tracks])

    def _mask(self, frames: Frames, t: int, track: Mapping[int, np.ndarray]) -> np.ndarray:
        """The mask of an object with boxes (4,) in several frames."""
        shape = frames[t].shape[:2]
        seen = sorted(k for k, box in track.items() if k == t or _overlaps(box, shape))
        times = nearest_frames(seen, t, self.frames, self.interval)
        crops = [BoxCrop.undistorted(track[k], shape, **self.network.crop) for k in times]
        probs = self.network.crop_probs([c.image(frames[k]) for c, k in zip(crops, times, strict=True)])
        own = times.index(t)
        mask = crops[own].paste(probs[own])
        return mask * fill_boxes([track[t]], shape)[0] if self.inside_box else mask


def nearest_frames(known: list[int], t: int, count: int, interval: int) -> list[int]:
    """Frames of a video to look at together: ``t``, and others a multiple of an interval away.

    Args:
        known: frames that can be taken, in order; ``t`` is among them.
        t: the frame.
        count: how many at most; of those possible, the ones nearest to ``t``.
        interval: shortened where the known ones span too few frames for it.
    """
    interval = max(1, min(interval, (known[-1] - known[0]) // max(1, count - 1)))
    possible = [k for k in known if (k - t) % interval == 0]
    return sorted(sorted(possible, key=lambda k: abs(k - t))[:count])


def _overlaps(box: np.ndarray, shape: tuple[int, int]) -> bool:
    """Whether a box, NaN where unknown, has a part inside the image."""
    inside = np.clip(box, 0, np.tile(shape[::-1], 2))
    return bool((inside[2:] > inside[:2]).all())
