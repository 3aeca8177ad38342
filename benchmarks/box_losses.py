"""Time and peak memory of the box losses on pixel pairs, compared with a version that uses ``F.unfold``.

``python benchmarks/box_losses.py [--stride 4] [--objects 3] [--box 1]`` takes ColorPairwiseLoss and
TemporalPatchConsistencyLoss as ``configs/_base_/losses/box.py`` configures them, forward and backward, on one
generated clip. The other version is the same mathematics, written as BoxInst and MaskFreeVIS are: every
neighbour and every patch is unfolded, and autograd keeps what it needs. Both must give the same value and
gradient, or there is nothing to compare. Times are taken in turns, so that both meet the same machine; every
peak is that of a fresh process.
"""

import argparse
import ctypes
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
    parser.add_argument('--box', type=float, default=0.5, help="a box's sides as a fraction of the image's")
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
    texture, contrast = (
        smooth_noise(n, height, width + 2 * frames, cell, generator) for n, cell in ((3, 24), (1, 96))
    )
    texture = texture * 50 * contrast.clamp(0, 1) + 128  # flat in places, where many patches match
    images = torch.stack([texture[..., s : s + width] for s in steps.tolist()])
    images += torch.randn(images.shape, generator=generator)
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
    """Normal noise (C, H, W), drawn every ``cell`` pixels and interpolated."""
    coarse = torch.randn(1, maps, height // cell + 2, width // cell + 2, generator=generator)
    return F.interpolate(coarse, (height, width), mode='bicubic')[0]


# ------------------------------------------------------------------ the version with unfold


def neighbours(maps: Tensor, size: int, dilation: int = 1, fill: float = 0.0) -> Tensor:
    """Windows (F, C, size * size, H, W) around the pixels of (F, C, H, W); ``fill`` beyond the border."""
    padded = F.pad(maps, (size // 2 * dilation,) * 4, value=fill)
    return F.unfold(padded, size, dilation).view(*maps.shape[:2], size**2, *maps.shape[2:])


def box_masks(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Bool (..., H, W) of boxes (..., 4)."""
    y, x = (torch.arange(n, device=boxes.device) + 0.5 for n in size)
    x1, y1, x2, y2 = boxes[..., None, None].unbind(-3)
    return (x >= x1) & (x < x2) & (y[:, None] >= y1) & (y[:, None] < y2)


def pixels(images: Tensor) -> Tensor:
    """Number of pixels (T,) of images (T, 3, H, W) that are not padding."""
    return images[:, 0].isfinite().sum((-2, -1))


def unfold_pairwise(loss: nn.Module, cfg: dict, logits: Tensor, boxes: Tensor, images: Tensor) -> Tensor:
    """Pairwise loss of logits (T, N, H, W): every pixel of a box sees all of its neighbours."""
    size, dilation = cfg['kernel_size'], cfg['dilation']
    with torch.no_grad():
        lab = rgb_to_lab(images)
        distance = (lab[:, :, None] - neighbours(lab, size, dilation, torch.nan)).norm(dim=1)
        same = torch.exp(-distance / loss.gamma) >= loss.threshold
        same[:, size**2 // 2] = False
        pairs = same[:, None] * box_masks(boxes, logits.shape[-2:])[:, :, None].float()
    cost = label_disagreement(logits[:, :, None], neighbours(logits, size, dilation))
    return loss.loss_weight * ((pairs * cost).sum((1, 2, 3, 4)) / pixels(images)).mean() / logits.shape[1]


def unfold_temporal(loss: nn.Module, cfg: dict, logits: Tensor, boxes: Tensor, images: Tensor) -> Tensor:
    """Temporal loss of logits (T, N, H, W): every pixel sees all patches searched and all of their pixels."""
    first, second = zip(*frame_pairs(len(logits), loss.pairs), strict=True)
    side, size, dilation = cfg['patch_size'], cfg['search_size'], cfg['search_dilation']
    with torch.no_grad():
        patches = neighbours(rgb_to_lab(images), side, fill=torch.nan).flatten(1, 2)
        others = neighbours(patches[[*second]], size, dilation, torch.nan)
        distance = (patches[[*first]][:, :, None] - others).norm(dim=1)
        similar = torch.exp(-distance / loss.gamma) >= loss.threshold
        inside = box_masks(boxes, logits.shape[-2:])
        inside = (inside[[*first]] | inside[[*second]]).float()
        matches = similar[:, None] * inside[:, :, None]
    patches = neighbours(logits[[*second]], side).flatten(1, 2)
    others = neighbours(patches, size, dilation).unflatten(1, (-1, side**2))
    cost = label_disagreement(logits[[*first]][:, :, None, None], others).sum(2)
    each = (matches * cost).sum((1, 2, 3, 4)) / pixels(images[[*first]])
    total = each.mean() / logits.shape[1]
    return loss.loss_weight * (total + total.detach()) / 2


# ------------------------------------------------------------------ both, checked and measured


def build_versions(names: list[str], stride: int) -> dict[str, Version]:
    """Sum of the losses for logits (1, T, N, H, W), boxes and images, in both versions."""
    cfgs = {name: dict(Config.fromfile(CONFIG)[name], stride=stride) for name in names}
    modules = {name: MODELS.build(cfg) for name, cfg in cfgs.items()}
    written_out = dict(pairwise=unfold_pairwise, temporal=unfold_temporal)

    def ours(logits: Tensor, boxes: Tensor, images: Tensor) -> Tensor:
        return sum(module(logits, boxes, images) for module in modules.values())

    def theirs(logits: Tensor, boxes: Tensor, images: Tensor) -> Tensor:
        maps = F.avg_pool2d(logits[0], stride), boxes[0] / stride, F.avg_pool2d(images[0], stride)
        return sum(written_out[name](modules[name], cfgs[name], *maps) for name in names)

    return dict(zip(VERSIONS, (ours, theirs), strict=True))


def step(version: Version, clip: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    """Value and gradient."""
    logits = clip[0].detach().requires_grad_()
    value = version(logits, *clip[1:])
    value.backward()
    return value.detach(), logits.grad


def check(versions: dict[str, Version], clip: tuple[Tensor, ...]) -> None:
    """Stop unless both versions agree."""
    (value, gradient), (other, other_gradient) = (step(version, clip) for version in versions.values())
    torch.testing.assert_close(value, other, rtol=1e-4, atol=0)
    tolerance = 1e-4 * other_gradient.abs().max().item()
    torch.testing.assert_close(gradient, other_gradient, rtol=1e-4, atol=tolerance)
    apart = (gradient - other_gradient).abs().max() / other_gradient.abs().max()
    print(f'same value {value.item():.6f}, gradients at most {apart:.1e} of the largest apart')


def seconds_in_turns(
    versions: dict[str, Version], clip: tuple[Tensor, ...], runs: int
) -> dict[str, list[float]]:
    """Seconds of each run of each version."""
    seconds = {name: [] for name in versions}
    for _ in range(runs):
        for name, version in versions.items():
            wait(clip)
            began = time.perf_counter()
            step(version, clip)
            wait(clip)
            seconds[name].append(time.perf_counter() - began)
    return seconds


def wait(clip: tuple[Tensor, ...]) -> None:
    if clip[0].is_cuda:
        torch.cuda.synchronize()


def peak_mb(version: Version, clip: tuple[Tensor, ...]) -> float:
    """Memory that one step needs beyond what the process held before.

    Not ``ru_maxrss``, which is inherited from the parent and cannot be reset. So without CUDA this needs
    Linux.
    """
    step(version, tuple(part[..., :64, :64] if part.shape[-1] > 4 else part for part in clip))
    if clip[0].is_cuda:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        step(version, clip)
        return (torch.cuda.max_memory_allocated() - before) / 2**20
    ctypes.CDLL(None).malloc_trim(0)  # otherwise memory freed earlier would be reused unnoticed
    Path('/proc/self/clear_refs').write_text('5')  # resets the peak to the current usage
    before = peak_rss_mb()
    step(version, clip)
    return peak_rss_mb() - before


def peak_rss_mb() -> float:
    status = Path('/proc/self/status').read_text()
    return int(status.split('VmHWM:')[1].split()[0]) / 1024


def peak_in_fresh_process(name: str) -> float:
    command = [sys.executable, *sys.argv, '--peak', name]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f'{command} failed:\n{done.stdout}{done.stderr}')
    return json.loads(done.stdout.splitlines()[-1])


def describe(args: argparse.Namespace) -> str:
    device = torch.cuda.get_device_name() if args.device.startswith('cuda') else platform.machine()
    height, width = args.size
    return (
        f'{" + ".join(args.losses)}, {args.frames} frames of {height}x{width}, {args.objects} objects with '
        f'boxes of {args.box:g} x the sides, stride {args.stride}; {device}, {args.threads} threads, '
        f'Python {platform.python_version()}, torch {torch.__version__}'
    )


def main() -> None:
    args = parse_args()
    torch.set_num_threads(args.threads)
    clip = generated_clip(args.frames, args.objects, tuple(args.size), args.box)
    clip = tuple(part.to(args.device) for part in clip)
    versions = build_versions(args.losses, args.stride)
    if args.peak:
        print(json.dumps(peak_mb(versions[args.peak], clip)))
        return
    print(describe(args))
    peaks = {name: peak_in_fresh_process(name) for name in VERSIONS}
    check(versions, clip)
    seconds = seconds_in_turns(versions, clip, args.runs)
    for name in VERSIONS:
        best, median = min(seconds[name]), statistics.median(seconds[name])
        print(
            f'{name:<8} best {best:.3f} s ({best / min(seconds["vosplug"]):.2f}x), median {median:.3f} s, '
            f'peak {peaks[name]:.0f} MB ({peaks[name] / peaks["vosplug"]:.2f}x)'
        )
    print(json.dumps(dict(seconds=seconds, peak_mb=peaks)))


if __name__ == '__main__':
    main()
