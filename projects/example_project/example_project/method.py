"""A trainable method: each frame is segmented from the image and the masks of the frame before."""

from collections.abc import Collection
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vosplug.models import BaseVideoSegmentor
from vosplug.registry import MODELS

STRIDE = 8


@MODELS.register_module()
class PreviousMask(BaseVideoSegmentor):
    """Decodes an object's mask from the image's features and its mask in the frame before.

    Args:
        backbone: config; gives the image's levels at strides 4 and 8.
        in_channels: of the level at stride 8.
        channels: of the features of an object.
        decode_head: config of the decoder, which has the losses, such as an ``UpsamplingDecodeHead``.
        kwargs: of :class:`vosplug.models.BaseVideoSegmentor`.
    """

    skips_prompted_frames = True  # segment_step changes no state

    def __init__(self, backbone: dict, in_channels: int, channels: int, decode_head: dict, **kwargs) -> None:
        super().__init__(**kwargs)
        self.backbone = MODELS.build(backbone)
        self.mix = nn.Sequential(
            nn.Conv2d(in_channels + STRIDE**2, channels, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1),
        )
        self.decode_head = MODELS.build(decode_head)

    def encode(self, images: Tensor) -> tuple[Tensor, ...]:
        """The image's levels, computed once per frame whatever the number of objects."""
        return self.backbone(images)

    def new_state(self, clip: bool) -> SimpleNamespace:
        """``masks`` (B, N, H, W) of the frame before, all that is kept of a video."""
        return SimpleNamespace(masks=None)

    def segment_step(self, state: SimpleNamespace, t: int, frame: tuple[Tensor, ...]) -> Tensor:
        """Logits (B, N, H, W)."""
        batch, objects, *size = state.masks.shape
        # the STRIDE x STRIDE mask pixels under each feature position become its channels
        masks = F.pixel_unshuffle(state.masks.flatten(0, 1).unsqueeze(1), STRIDE)
        images = frame[-1].repeat_interleave(objects, 0)
        mixed = self.mix(torch.cat([images, masks], 1))
        return self.decode_head(mixed.unflatten(0, (batch, objects)), frame, size)

    def remember_step(
        self,
        state: SimpleNamespace,
        t: int,
        frame: tuple[Tensor, ...],
        masks: Tensor,
        prompted: Collection[int],
    ) -> None:
        """Replace the masks; new objects are the last ones."""
        state.masks = masks

    def compute_losses(self, logits: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        """Those of the head, by the supervision of each object in each frame."""
        return self.decode_head.losses(logits, targets)
