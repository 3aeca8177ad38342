"""Time and memory of FilterLearner beside steepest descent whose gradients autograd finds.

``python benchmarks/filter_learner.py``: 32 frames of 30x52x512, 16 filters of 3x3, 3 steps, in inference.
Each version runs in a process of its own; its memory is what the process needs at most beyond its inputs.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from importlib.metadata import version

import torch
import torch.nn.functional as F
from torch import Tensor

from vosplug.models import FilterLearner

REGULARISATION = 0.1
SIZE = 30, 52


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--frames', type=int, default=32)
    parser.add_argument('--channels', type=int, default=512)
    parser.add_argument('--filters', type=int, default=16)
    parser.add_argument('--steps', type=int, default=3)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--runs', type=int, default=5)
    parser.add_argument('--only', choices=VERSIONS, help=argparse.SUPPRESS)
    return parser.parse_args()


def by_autograd(x: Tensor, e: Tensor, w: Tensor, steps: int) -> Tensor:
    """Filters of one object in one sequence; gradients come from a graph of every step."""
    frames, labels, weights = x[0], e[0, :, 0], w[0, :, 0]
    filters = x.new_zeros(labels.shape[1], frames.shape[1], 3, 3)
    for _ in range(steps):
        filters = filters.requires_grad_()
        with torch.enable_grad():
            errors = weights * (F.conv2d(frames, filters, padding=1) - labels)
            loss = (errors.square().sum() + (REGULARISATION * filters).square().sum()) / 2
            (gradient,) = torch.autograd.grad(loss, filters)
        change = weights * F.conv2d(frames, gradient, padding=1)
        steepness = gradient.square().sum()
        curvature = change.square().sum() + REGULARISATION**2 * steepness
        filters = (filters - steepness / curvature.clamp(min=1e-8) * gradient).detach()
    return filters[None, None]


def by_ours(x: Tensor, e: Tensor, w: Tensor, steps: int) -> Tensor:
    return FilterLearner(regularisation=REGULARISATION)(x, e, w, steps=steps)


VERSIONS = dict(vosplug=by_ours, autograd=by_autograd)


def measure(args: argparse.Namespace) -> tuple[float, float, float]:
    """Median seconds, peak memory in MiB beyond the inputs, and the sum of the filters' absolute values."""
    torch.manual_seed(0)
    x = torch.randn(1, args.frames, args.channels, *SIZE).div_((9 * args.channels) ** 0.5)
    e = torch.randn(1, args.frames, 1, args.filters, *SIZE).relu_()
    w = torch.rand_like(e)
    learn = VERSIONS[args.only]
    learn(x[:, :1], e[:, :1], w[:, :1], 1)  # warm-up: libraries load lazily
    before, seconds = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
    for _ in range(args.runs):
        began = time.perf_counter()
        found = learn(x, e, w, args.steps)
        seconds.append(time.perf_counter() - began)
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return statistics.median(seconds), peak, found.abs().sum().item()


def main() -> None:
    args = parse_args()
    torch.set_num_threads(args.threads)
    if args.only:
        with torch.no_grad():
            print(*measure(args))
        return
    inputs = 4 * args.frames * args.channels * SIZE[0] * SIZE[1] / 2**20
    print(
        f'{args.frames} frames of {SIZE[0]}x{SIZE[1]}x{args.channels} ({inputs:.0f} MiB), {args.filters} '
        f'filters, {args.steps} steps; {args.threads} threads, {os.cpu_count()} cores, '
        f'{platform.processor() or platform.machine()}, load {os.getloadavg()[0]:.1f}, '
        f'torch {version("torch")}'
    )
    found = {}
    for name in VERSIONS:
        command = [sys.executable, *sys.argv, '--only', name]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found[name] = [float(value) for value in out.split()]
        print(f'{name}: {found[name][0]:.2f} s, {found[name][1]:.0f} MiB more than the inputs')
    ours, other = found['vosplug'], found['autograd']
    assert abs(ours[2] - other[2]) < 1e-3 * other[2], 'the versions learn different filters'
    print(
        f'time: {ours[0] / other[0]:.2f} of autograd; memory: {(inputs + ours[1]) / inputs:.2f} of the inputs'
    )


if __name__ == '__main__':
    main()
