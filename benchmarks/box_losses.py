"""Time and peak memory of the box losses on pixel pairs, beside a version written with ``F.unfold``.

``python benchmarks/box_losses.py [--stride 4] [--objects 3] [--box 1]`` takes ColorPairwiseLoss and
TemporalPatchConsistencyLoss as ``configs/_base_/losses/box.py`` configures them, forward and backward, on one
generated clip. The other version is the same mathematics as BoxInst and MaskFreeVIS write it down: every
neighbour and every patch is unfolded, and autograd keeps what it needs. Both must give the same value and
gradient, or there is nothing to compare. Times are taken in turns, so that both meet the same machine; every
peak is that of a fresh process.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from mmengine.config import Config
from torch import Tensor, nn

import vosplug.models  # noqa: F401
from vosplug.models.losses import label_disagreement, rgb_to_lab
from vosplug.models.losses.temporal_patch import frame_pairs
from vosplug.registry import MODELS

CONFIG = Path(__file__).parents[1] / 'configs' / '_base_' / 'losses' / 'box.py'
LOSSES = 'pairwise', 'temporal'
VERSIONS = 'vosplug', 'unfold'
Version = Callable[[Tensor, Tensor, Tensor], Tensor]


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--size', type=int, nargs=2, default=(384, 384), metavar=('HEIGHT', 'WIDTH'))
    parser.add_argument('--frames', type=int, default=8)
    parser.add_argument('--objects', type=int, default=1)
    parser.add_argument('--box', type=float, default=0.5, help="a box's sides as a share of the image's")
    parser.add_argument('--stride', type=int, default=1, help='reduction of the maps, 4 in the losses')
    parser.add_argument('--losses', nargs='+', choices=LOSSES, default=LOSSES)
    parser.add_argument('--runs', type=int, default=5)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--peak', choices=VERSIONS, help='only the peak of one version, as JSON')
    return parser.parse_args()


# ------------------------------------------------------------------ the clip


def generated_clip(frames: int, objects: int, size: tuple[int, int], box: float) -> tuple[Tensor, ...]:
    """A texture that moves by two pixels a frame with a little noise, and boxes and logits that follow it.

    Returns:
        tuple: logits (1, T, N, H, W), boxes (1, T, N, 4) and images (1, T, 3, H, W).
    """
    generator = torch.Generator().manual_seed(0)
    height, width = size
    steps = 2 * torch.arange(frames)
    texture = smooth_noise(3, height, width + 2 * frames, 12, generator) * 60 + 128
    images = torch.stack([texture[..., s : s + width] for s in steps.tolist()])
    images += 1.5 * torch.randn(images.shape, generator=generator)
    logits = smooth_noise(frames * objects, height, width, 48, generator) * 6
    logits = logits.view(frames, objects, height, width) + torch.randn(
        frames, objects, height, width, generator=generator
    )
    corners = torch.rand(objects, 2, generator=generator) * (1 - box) * torch.tensor([width, height])
    sides = box * torch.tensor([width, height])
    boxes = torch.cat([corners, corners + sides], -1).expand(frames, objects, 4).clone()
    boxes[..., [0, 2]] -= steps[:, None, None] * (box < 1)
    return logits[None], boxes[None], images.clamp(0, 255)[None]


def smooth_noise(maps: int, height: int, width: int, cell: int, generator: torch.Generator) -> Tensor:
    """(C, H, W) of normal numbers ``cell`` pixels apart and what is between them."""
    coarse = torch.randn(1, maps, height // cell + 2, width // cell + 2, generator=generator)
    return F.interpolate(coarse, (height, width), mode='bicubic')[0]


# ------------------------------------------------------------------ the version with unfold


def neighbours(maps: Tensor, size: int, dilation: int = 1, fill: float = 0.0) -> Tensor:
    """Windows (F, C, size * size, H, W) around all pixels of (F, C, H, W); ``fill`` lies beyond the border."""
    padded = F.pad(maps, (size // 2 * dilation,) * 4, value=fill)
    return F.unfold(padded, size, dilation).view(*maps.shape[:2], size**2, *maps.shape[2:])


def reduced(maps: Tensor, stride: int) -> Tensor:
    return F.avg_pool2d(maps, stride, stride)


def box_masks(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """(F, N, 4) to (F, N, H, W)."""
    y, x = (torch.arange(n, device=boxes.device) + 0.5 for n in size)
    x1, y1, x2, y2 = boxes[..., None, None].unbind(-3)
    return ((x >= x1) & (x < x2) & (y[:, None] >= y1) & (y[:, None] < y2)).float()


def unfold_pairwise(cfg: dict, logits: Tensor, boxes: Tensor, images: Tensor, stride: int) -> Tensor:
    """The pairwise loss of logits (T, N, H, W) in which every pixel of a box sees all of its neighbours."""
    loss = nn.Module() if cfg is None else MODELS.build(cfg)
    logits, images = reduced(logits, stride), reduced(images, stride)
    size, dilation = cfg['kernel_size'], cfg['dilation']
    with torch.no_grad():
        lab = rgb_to_lab(images)
        distance = (lab[:, :, None] - neighbours(lab, size, dilation, torch.nan)).norm(dim=1)
        same = torch.exp(-distance / loss.gamma) >= cfg['threshold']
        same[:, size**2 // 2] = False
        pairs = same[:, None] * box_masks(boxes / stride, logits.shape[-2:])[:, :, None]
    cost = label_disagreement(logits[:, :, None], neighbours(logits, size, dilation))
    return (pairs * cost).sum() / pairs.sum().clamp(min=1)
