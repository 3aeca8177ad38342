"""MaskTrack as a box-to-mask model."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from ...registry import MODELS
from ..box_to_mask import NetworkBoxToMask
from ..box_to_mask.base import Frames
from ..box_to_mask.filled_box import fill_boxes
from ..build import build_trained
from ..streaming.records import Geometry
from .mask_track import MaskTrack


@MODELS.register_module()
class MaskTrackInitializer(NetworkBoxToMask):
    """A MaskTrack network that was trained with boxes as input masks segments a box.

    Perazzi et al. 2017, Sec. 3.3, MaskTrack_Box: the box of the first frame becomes a segment, and MaskTrack
    follows that.

    Args:
        config: of a :class:`~vosplug.models.MaskTrack` trained with boxes: a path, one below the shipped
            configs, or the name of a model that comes with vosplug; or the model.
        checkpoint: its weights; not needed with a name.
        refine: see :class:`~vosplug.models.BoxToMask`.
        inside_box: nothing outside of its box is the object.

    Raises:
        ConfigError: no such config or name, one of another model, or one without weights.
        CheckpointError: the checkpoint does not fit.
    """

    def __init__(
        self,
        config: str | Path | MaskTrack,
        checkpoint: str | Path | None = None,
        refine: bool = False,
        inside_box: bool = True,
    ) -> None:
        network = config if isinstance(config, MaskTrack) else build_trained(config, checkpoint, MaskTrack)
        super().__init__(network, refine)
        self.inside_box = inside_box

    @torch.no_grad()
    def forward(self, frames: Frames, t: int, boxes: Mapping[int, np.ndarray]) -> np.ndarray:
        """See the base."""
        image, model = frames[t], self.network
        short_side = model.test_cfg.get('short_side')
        geometry = Geometry.fit(image.shape[:2], short_side, divisor=model.size_divisor)
        filled = fill_boxes(boxes[t], image.shape[:2])
        tensor = model.normalise(geometry.to_work(image), geometry.padding)
        work = np.stack([geometry.to_work(mask) for mask in filled])
        rough = geometry.pad(torch.from_numpy(work).to(tensor)).round()
        probs = model.refine(tensor, model.rough(rough[None]))[0].sigmoid()
        masks: np.ndarray = geometry.to_source(probs).float().cpu().numpy()
        return masks * filled if self.inside_box else masks
