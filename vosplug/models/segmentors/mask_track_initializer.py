"""MaskTrack as a box-to-mask model."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from torch import Tensor

from ...registry import MODELS
from ..box_to_mask import NetworkBoxToMask
from ..box_to_mask.base import Frames
from ..build import build_trained
from .box_start import masks_in_boxes
from .mask_track import MaskTrack


@MODELS.register_module()
class MaskTrackInitializer(NetworkBoxToMask):
    """Masks from boxes by a MaskTrack network that was trained with boxes as input masks.

    Perazzi et al. 2017, Sec. 3.3, MaskTrack_Box: the box of the first frame is turned into a segment, which
    MaskTrack propagates.

    Args:
        config: of a :class:`~vosplug.models.MaskTrack` trained with boxes: a path, the path of a shipped
            config, or the name of a model that comes with vosplug; or the model itself.
        checkpoint: its weights; not needed with a name.
        refine: see :class:`~vosplug.models.BoxToMask`.
        inside_box: set the mask to 0 outside the box.

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

    def forward(self, frames: Frames, t: int, boxes: Mapping[int, np.ndarray]) -> np.ndarray:
        """See the base."""
        model = self.network

        def logits_of(image: Tensor, filled: Tensor) -> Tensor:
            return model.refine(image, model.rough(filled))

        return masks_in_boxes(model, frames[t], boxes[t], logits_of, self.inside_box)
