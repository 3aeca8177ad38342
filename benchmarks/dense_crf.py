"""Seconds per frame of the dense CRF at 480x854, and how far its lattice is from the exact kernel.

``python benchmarks/dense_crf.py [--image FILE]``; without an image, a generated frame. The time depends on
the image: the more colours within a few pixels, the more lattice vertices. Exact and approximate kernels
are compared on a crop of its centre. Wall time is what a user waits, CPU time is insensitive to other
programs.
"""

import argparse
import os
import platform
import statistics
import time
from importlib.metadata import version
from types import SimpleNamespace

import cv2
import numpy as np
import torch
from torch import Tensor

from vosplug.models import DenseCRF

SIZE = 480, 854
CROP = 64, 96


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--image', metavar='FILE', help='resized to 480x854')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--runs', type=int, default=5)
    return parser.parse_args()


def generated_image() -> np.ndarray:
    from vosplug.datasets.synthetic_clip import SyntheticClip, SyntheticSource

    return SyntheticSource(SyntheticClip(0, 1, SIZE, (1, 1)))[0]


def soft_masks(size: tuple[int, int], objects: int) -> Tensor:
    """Blurred discs side by side: float32 (N+1, H, W)."""
    height, width = size
    logits = np.full((objects + 1, height, width), -2, np.float32)
    for i in range(objects):
        mask = np.zeros(size, np.float32)
        centre = (width * (i + 1) // (objects + 1), height // 2)
        cv2.circle(mask, centre, min(height // 3, width // (2 * objects + 2)), 1, -1)
        logits[i + 1] += 4 * cv2.GaussianBlur(mask, (0, 0), height / 60)
    return torch.from_numpy(logits).softmax(0)


def measure(crf: DenseCRF, image: np.ndarray, probs: Tensor, runs: int) -> tuple[Tensor, float, float]:
    """Result, median wall seconds and median CPU seconds."""
    frame = SimpleNamespace(image=image)
    crf(frame, probs)
    wall, cpu = [], []
    for _ in range(runs):
        began = time.perf_counter(), time.process_time()
        refined = crf(frame, probs)
        wall.append(time.perf_counter() - began[0])
        cpu.append(time.process_time() - began[1])
    return refined, statistics.median(wall), statistics.median(cpu)


def main() -> None:
    args = parse_args()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(args.threads)
    packages = ', '.join(f'{name} {version(name)}' for name in ('torch', 'numpy', 'scipy'))
    print(
        f'{args.image or "generated frame"}, {args.threads} threads, {os.cpu_count()} cores, '
        f'{platform.processor() or platform.machine()}, load {os.getloadavg()[0]:.1f}, {packages}'
    )
    image = cv2.resize(cv2.imread(args.image), SIZE[::-1]) if args.image else generated_image()
    for objects in (1, 3):
        _, wall, cpu = measure(DenseCRF(), image, soft_masks(SIZE, objects), args.runs)
        print(f'480x854, {objects + 1} labels: {wall:.2f} s per frame, {cpu:.2f} s CPU')
    top, left = (SIZE[0] - CROP[0]) // 2, (SIZE[1] - CROP[1]) // 2
    crop = np.ascontiguousarray(image[top : top + CROP[0], left : left + CROP[1]])
    probs = soft_masks(CROP, 1)
    exact, slow, _ = measure(DenseCRF(exact_pixels=CROP[0] * CROP[1]), crop, probs, 1)
    lattice, fast, _ = measure(DenseCRF(exact_pixels=0), crop, probs, args.runs)
    error, other = (exact - lattice).abs(), (exact.argmax(0) != lattice.argmax(0)).float().mean()
    print(
        f'{CROP[0]}x{CROP[1]}, 2 labels: exact {slow:.2f} s, lattice {fast:.3f} s, ratio {slow / fast:.0f}; '
        f'probabilities differ by {error.mean():.4f} on average, {error.max():.2f} at most; '
        f'{100 * other:.2f}% of the pixels have another label'
    )


if __name__ == '__main__':
    main()
