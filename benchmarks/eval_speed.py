"""Seconds to score a generated DAVIS-like set, compared with the public evaluator vos-benchmark.

``python benchmarks/eval_speed.py [--vos-benchmark PYTHON]``, where PYTHON is the interpreter of an
environment with ``pip install vos-benchmark``. Whole processes are timed; runs alternate, so
that both see the same machine load.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np

REPO = Path(__file__).parents[1]
SIZE = 480, 854
THEIRS = (
    'import sys; from vos_benchmark.benchmark import benchmark; '
    'print(benchmark([sys.argv[1]], [sys.argv[2]], strict=True, num_processes=int(sys.argv[3]))[0])'
)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--sequences', type=int, default=8)
    parser.add_argument('--frames', type=int, default=40)
    parser.add_argument('--objects', type=int, default=3)
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--runs', type=int, default=5)
    parser.add_argument('--vos-benchmark', metavar='PYTHON', help='interpreter that has vos-benchmark')
    return parser.parse_args()


def blob(centre: np.ndarray, radius: float, rng: np.random.Generator) -> np.ndarray:
    """Outline of a wobbly disk, int32 (64, 1, 2)."""
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    waves = sum(rng.normal(0, 0.12) * np.sin(k * angles + rng.uniform(0, 6)) for k in range(2, 7))
    around = np.stack([np.cos(angles), np.sin(angles)], 1) * (radius * (1 + waves))[:, None]
    return np.round(centre + around).astype(np.int32)[:, None]


def write_sequence(root: Path, frames: int, objects: int, index: int) -> None:
    """Ground truth, and the same objects a few pixels off with other outlines as predictions."""
    from vosplug.formats import write_id_mask

    rng = np.random.default_rng(index)
    size = np.array(SIZE[::-1])
    centres, speeds = rng.uniform(0.25, 0.75, (objects, 2)) * size, rng.normal(0, 4, (objects, 2))
    radii = rng.uniform(40, 110, objects)
    for t in range(frames):
        for kind, noise in (('gt', 0), ('pred', 5)):
            mask = np.zeros(SIZE, np.uint8)
            for i in range(objects):
                centre = centres[i] + t * speeds[i] + rng.normal(0, noise, 2)
                cv2.fillPoly(mask, [blob(centre, radii[i], rng)], i + 1)
            write_id_mask(root / kind / f'sequence{index}' / f'{t:05d}.png', mask)


def timed(command: list[str]) -> float:
    """Wall seconds of a process that must succeed."""
    environment = dict(os.environ, PYTHONPATH=str(REPO))
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f'{command} failed:\n{done.stdout}{done.stderr}')
    return seconds


def main() -> None:
    args = parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with ProcessPoolExecutor(args.workers) as pool:
            list(pool.map(partial(write_sequence, root, args.frames, args.objects), range(args.sequences)))
        gt, pred = str(root / 'gt'), str(root / 'pred')
        commands = {
            'vosplug': [sys.executable, str(REPO / 'tools' / 'eval_masks.py'), '--protocol', 'davis2017']
        }
        commands['vosplug'] += ['--gt', gt, '--pred', pred, '--num-workers', str(args.workers)]
        if args.vos_benchmark:
            commands['vos-benchmark'] = [args.vos_benchmark, '-c', THEIRS, gt, pred, str(args.workers)]
        seconds = {name: [] for name in commands}
        for _ in range(args.runs + 1):  # the first one warms the disk cache
            for name, command in commands.items():
                seconds[name].append(timed(command))
    print(
        f'{args.sequences} sequences x {args.frames} frames x {args.objects} objects at {SIZE[1]}x{SIZE[0]}, '
        f'{args.workers} workers, {os.cpu_count()} cores of {platform.machine()}, Python '
        f'{platform.python_version()}, numpy {np.__version__}, OpenCV {cv2.__version__}, '
        f'Pillow {version("pillow")}'
    )
    best = {name: min(values[1:]) for name, values in seconds.items()}
    for name, values in seconds.items():
        median = statistics.median(values[1:])
        print(
            f'{name:<14} best {best[name]:.2f} s, median {median:.2f} s, {best[name] / best["vosplug"]:.1f}x'
        )
    print(json.dumps(seconds))


if __name__ == '__main__':
    main()
