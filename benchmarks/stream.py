"""Frames per second and peak memory of streaming inference, and memory against length.

``python benchmarks/stream.py [CONFIG]``; every row is a fresh process, so that peaks are separate. A peak is
that of the whole process, including PyTorch. Weights are random, and frames are scaled by the config's
``test_cfg``.
"""

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np

SIZES = {'480x854': (480, 854), '128x192': (128, 192)}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', nargs='?', default='stm/stm_tiny_synthetic-box.py')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument(
        '--row', nargs=3, metavar=('SIZE', 'FRAMES', 'OBJECTS'), help='one measurement, as JSON'
    )
    return parser.parse_args()


def without_weights(part: Any) -> None:
    """Remove all ``init_cfg`` from a config; they affect neither speed nor memory."""
    if isinstance(part, dict):
        part.pop('init_cfg', None)
    for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        without_weights(child)


def measure(config: str, threads: int, size: tuple[int, int], frames: int, objects: int) -> dict:
    """Stream one generated video in this process."""
    import torch

    from vosplug.apis import init_model
    from vosplug.config import load_config
    from vosplug.datasets.synthetic_clip import SyntheticClip, SyntheticSource
    from vosplug.structures import ObjectPrompt

    torch.set_num_threads(threads)
    cfg = load_config(config)
    without_weights(cfg.model)
    model = init_model(cfg)
    source = SyntheticSource(SyntheticClip(0, frames, size, (1, 1)))
    step = size[1] // (objects + 1)
    prompts = [ObjectPrompt(i + 1, box=(i * step, 20, (i + 1) * step, 80)) for i in range(objects)]
    began = None
    for result in model.stream(source, {0: prompts}):
        if result.index == min(30, frames // 2):  # the model's memory is full by then
            began, first = time.perf_counter(), result.index
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    fps = (frames - 1 - first) / seconds
    return dict(fps=round(fps, 2), peak_mb=round(peak, 1), short_side=model.test_cfg.get('short_side'))


def main() -> None:
    args = parse_args()
    if args.row:
        size, frames, objects = args.row
        print(json.dumps(measure(args.config, args.threads, SIZES[size], int(frames), int(objects))))
        return
    from importlib.metadata import version

    print(
        f'{args.config}, {args.threads} threads, {platform.processor() or platform.machine()}, '
        f'torch {version("torch")}, numpy {np.__version__}'
    )
    rows = [('480x854', 60, 1), ('480x854', 60, 3), ('128x192', 100, 1), ('128x192', 2000, 1)]
    for row in rows:
        command = [
            sys.executable,
            __file__,
            args.config,
            '--threads',
            str(args.threads),
            '--row',
            *map(str, row),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        print(f'{row[0]}, {row[1]:5d} frames, {row[2]} objects: {json.loads(done.stdout.splitlines()[-1])}')


if __name__ == '__main__':
    main()
