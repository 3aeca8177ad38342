"""A small method that learns from single frames."""

from types import SimpleNamespace

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from torch import nn

from vosplug.models import StreamingSegmentor
from vosplug.models.data_preprocessor import VOSDataPreprocessor
from vosplug.structures import object_masks, stack_fields

SINGLE_FRAMES = [dict(type='StartMasks'), dict(type='PackClip')]


class SingleFrame(StreamingSegmentor, BaseModel):
    """Refines a mask of an object by two convolutions; in a stream, that of the frame before."""

    def __init__(self, initializer=None, test_cfg=None) -> None:
        BaseModel.__init__(self, VOSDataPreprocessor(size_divisor=1))
        StreamingSegmentor.__init__(self, initializer, test_cfg)
        self.layers = nn.Sequential(nn.Conv2d(4, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 3, padding=1))

    def normalise(self, image, padding):
        return self.data_preprocessor.frame(image, padding)

    def refined(self, images, masks):
        """Logits (B, N, H, W) from images (B, 3, H, W) and masks (B, N, H, W)."""
        batch, objects = masks.shape[:2]
        repeated = images.unsqueeze(1).expand(-1, objects, -1, -1, -1)
        pairs = torch.cat([repeated, masks.unsqueeze(2)], 2).flatten(0, 1)
        return self.layers(pairs).view(batch, objects, *masks.shape[-2:])

    def forward(self, inputs, data_samples=None, mode='loss'):
        targets = stack_fields(data_samples)
        logits = self.refined(inputs[:, 0], targets['start_masks'])
        return dict(loss=F.binary_cross_entropy_with_logits(logits, object_masks(targets)[:, 0]))

    def start(self, video):
        return SimpleNamespace(probs=None)

    def segment(self, state, frame):
        return self.refined(frame.tensor, state.probs[None])[0]

    def remember(self, state, frame, probs, prompted):
        state.probs = probs
