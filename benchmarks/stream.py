"""Frames per second and peak memory of streaming inference, and memory against length.

``python benchmarks/stream.py [CONFIG]``; every row is a fresh process, so that peaks are separate. A peak is
that of the whole process, including PyTorch. Weights are random, and frames are scaled by the config's
``test_cfg``.
"""

import argparse
import json
import platform
import subprocess
import sys

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


def measure(config: str, threads: int, size: tuple[int, int], frames: int, objects: int) -> dict:
    """Stream one generated video in this process."""
    import torch

    from vosplug.analysis.measured_stream import measured_model, measured_video
    from vosplug.analysis.speed import stream_speed

    torch.set_num_threads(threads)
    model = measured_model(config)
    video = measured_video(size, frames, objects, 'box')
    # the model's memory is full after the warm-up
    report = stream_speed(model, *video, warmup=min(30, frames // 2) + 1).report()
    return dict(fps=report['fps'], peak_mb=report['peak_mb'], short_side=model.test_cfg.get('short_side'))


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
