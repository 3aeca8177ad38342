"""STANet as a box-to-mask model."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from torch import nn

from ...errors import ConfigError, VideoError
from ...registry import MODELS
from ...structures import BoxCrop, fill_box
from ...structures.box_ops import in_image
from ..build import build_trained
from .base import Frames, NetworkBoxToMask
from .sta_net import STANet


@MODELS.register_module()
class STAInitializer(NetworkBoxToMask):
    """Masks by STANet, from several frames whose boxes are known (Zhao et al. 2021).

    Sec. 3.5: a window of T frames at an interval, which moves by one frame at a time. Here the window has the
    frames nearest to the current one among those that show the object (:func:`nearest_frames`); frames that
    cannot be read are left out. Where only the current frame's box is known, as for a prompt, or in a live
    video, only that frame is used.

    Args:
        config: of :class:`~vosplug.models.STANet`: a path, the path of a shipped config, or the name of a
            model that comes with vosplug; or the network itself.
        checkpoint: its weights; not needed with a name.
        frames: T; 9 in Sec. 3.5.
        interval: in frames; 15 in Sec. 3.5, 5 on DAVIS (Sec. 4.1).
        refine: see :class:`BoxToMask`.
        inside_box: set the mask to 0 outside the box.

    Raises:
        ConfigError: ``frames`` or ``interval`` below 1; no such config or name, one of another model, or one
            without weights.
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
        network = self.network
        parts = {name: _options(getattr(network, name)) for name in ('fusion', 'mask_fusion', 'decode_head')}
        return {**super().settings, 'crop': network.crop, 'passes': network.passes, **parts}

    def forward(self, frames: Frames, t: int, boxes: Mapping[int, np.ndarray]) -> np.ndarray:
        """See the base."""
        shape = frames[t].shape[:2]
        # a live video has no other frames yet
        times = sorted(boxes) if getattr(frames, 'random_access', True) else [t]
        masks = np.zeros((len(boxes[t]), *shape), np.float32)
        for n, mask in enumerate(masks):
            known = [k for k in times if in_image(boxes[k][n], shape)]
            if t in known:
                chosen = nearest_frames(known, t, self.frames, self.interval)
                mask[:] = self._mask(frames, t, {k: boxes[k][n] for k in chosen})
        return masks

    def _mask(self, frames: Frames, t: int, track: Mapping[int, np.ndarray]) -> np.ndarray:
        """Mask of an object in frame ``t`` from its boxes (4,) in some frames."""
        shape, crops, images = frames[t].shape[:2], {}, []
        for k, box in track.items():
            crop = BoxCrop.undistorted(box, shape, **self.network.crop)
            try:
                image = crop.image(frames[k])
            except VideoError:
                if k == t:
                    raise
                continue
            crops[k] = crop
            images.append(image)
        mask = crops[t].paste(self.network.crop_probs(images)[list(crops).index(t)])
        return mask * fill_box(track[t], shape) if self.inside_box else mask


def nearest_frames(known: Sequence[int], t: int, count: int, interval: int) -> list[int]:
    """Frames of a video to segment together: ``t``, and others at a regular interval.

    Args:
        known: usable frames, in order, including ``t``. Where they are not consecutive, the interval is the
            number of known frames that spans it on average.
        t: the frame.
        count: number of frames, fewer only if fewer are known; the ones nearest to ``t`` are taken.
        interval: in frames; shorter if too few frames are known for it.
    """
    spacing = (known[-1] - known[0]) / max(1, len(known) - 1) or 1
    step = max(1, min(round(interval / spacing), len(known) // count))
    place = known.index(t)
    places = sorted(range(place % step, len(known), step), key=lambda p: abs(p - place))
    return [known[p] for p in sorted(places[:count])]


def _options(part: nn.Module | None) -> dict:
    """Options of a part, without its weights."""
    kept = (int, float, str, tuple)
    return {k: v for k, v in vars(part).items() if k[0] != '_' and isinstance(v, kept)} if part else {}
