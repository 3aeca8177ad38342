"""STANet's variants and alternatives in small, and clips to train them with."""

import torch
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from small_models import small_sta_net
from torch import Tensor

from vosplug.models import STANet
from vosplug.registry import MODELS

VARIANTS = dict(
    SingleImage=dict(fusion=None, box_encoder=None, passes=1),
    MultiFrame=dict(frame_encoder=None, passes=1, decode_head=dict(encoding_channels=8)),
    MultiFramePlus=dict(passes=1),
    MultiFrameIterative=dict(),
    ThreePasses=dict(passes=3),
    Concat=dict(fusion=dict(type='ConcatFusion', frames=3, channels=8, hidden=8)),
    Matching=dict(fusion=dict(type='MatchingFusion')),
)
VARIANTS['SingleImage']['decode_head'] = VARIANTS['MultiFrame']['decode_head']


def small(name: str) -> STANet:
    torch.manual_seed(0)
    return MODELS.build(small_sta_net(**VARIANTS[name]))


def clip(length: int = 3, batch: int = 2, seed: int = 1) -> Tensor:
    """Normalised frames, and boxes that move."""
    torch.manual_seed(seed)
    inputs = torch.randn(batch, length, 4, 32, 48)
    inputs[:, :, 3] = 0
    for t in range(length):
        inputs[:, t, 3, 8:24, 10 + 4 * t : 26 + 4 * t] = 1
    return inputs


def labels_of(inputs: Tensor) -> list[SegDataSample]:
    """The boxes as labels."""
    return [SegDataSample(gt_sem_seg=PixelData(data=box)) for box in inputs[:, :, 3].long()]
