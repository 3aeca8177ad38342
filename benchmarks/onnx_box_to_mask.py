"""Milliseconds per box of an ONNX file in onnxruntime, beside the same network in PyTorch, and both's masks.

``python benchmarks/onnx_box_to_mask.py FILE.onnx [--network box2seg-tiny]``: crops around the boxes of cup
and hand in the clip that comes with vosplug, without the CRF, which both would run alike. Runs alternate, so
that both see the same machine load.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from itertools import islice

import numpy as np
import torch

from vosplug.analysis.real_clip import BOXES, CLIP
from vosplug.apis import init_box2seg
from vosplug.models.box_to_mask.onnx_network import ONNXCropNetwork
from vosplug.structures import VideoFileSource


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('file', help='ONNX file written by tools/deployment/export_onnx.py')
    parser.add_argument('--network', default='box2seg-tiny', help='network that was exported')
    parser.add_argument('--batches', type=int, nargs='+', default=[1, 16])
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--runs', type=int, default=15)
    return parser.parse_args()


def seconds(call: Callable, *args: object) -> float:
    began = time.perf_counter()
    call(*args)
    return time.perf_counter() - began


def main() -> None:
    args = parse_args()
    torch.set_num_threads(args.threads)
    network, exported = init_box2seg(args.network), ONNXCropNetwork(args.file)
    network.crf = exported.crf = None
    frames = list(islice(VideoFileSource(CLIP), max(args.batches)))
    boxes = [np.float32(box) for box in BOXES.values()]
    crops = [network.crop_of(box, frame.shape[:2]).image(frame) for frame in frames for box in boxes]
    print(
        f'{args.network}, crops of {network.crop["size"]}; {args.threads} threads, {os.cpu_count()} cores, '
        f'{platform.processor() or platform.machine()}, load {os.getloadavg()[0]:.1f}, '
        f'torch {version("torch")}, onnxruntime {version("onnxruntime")} ({", ".join(exported.providers)})'
    )
    for size in args.batches:
        batch = crops[:size]
        ours, theirs = (np.stack(model.crop_probs(batch)) for model in (network, exported))  # warms up
        times = [
            (seconds(network.crop_probs, batch), seconds(exported.crop_probs, batch))
            for _ in range(args.runs)
        ]
        slow, fast = (1000 * statistics.median(column) / size for column in zip(*times, strict=True))
        ratio = statistics.median(a / b for a, b in times)
        either = (ours > 0.5) | (theirs > 0.5)
        iou = ((ours > 0.5) & (theirs > 0.5)).sum() / either.sum()
        print(
            f'batch of {size}: PyTorch {slow:.1f} ms per box, onnxruntime {fast:.1f} ms, ratio {ratio:.2f}; '
            f'probabilities differ by {np.abs(ours - theirs).max():.1e} at most, IoU of the masks {iou:.5f}'
        )


if __name__ == '__main__':
    main()
