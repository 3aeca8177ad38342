"""Masks per second of the pseudo-label factory: single crops, batches, and cached results.

``python benchmarks/pseudo_labels.py [CONFIG]``; random weights, generated videos, one process, the best of
``--runs``.
"""

import argparse
import platform
import tempfile
import time
from pathlib import Path

import cv2
import torch
from mmengine.registry import init_default_scope

from vosplug.config import load_config
from vosplug.datasets import SyntheticVOS
from vosplug.models import Box2SegInitializer
from vosplug.pseudo_labels import BoxTrack, BoxVideo, LabelFactory, Labeller
from vosplug.registry import MODELS


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', nargs='?', default='box2seg/box2seg_mobilenetv2_davis16-240p.py')
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--batches', type=int, nargs='+', default=[1, 4, 16])
    parser.add_argument('--runs', type=int, default=3)
    return parser.parse_args()


def make_videos(root: Path, count: int = 3, frames: int = 10) -> list[BoxVideo]:
    """Generated videos as images on disk, with the boxes around their masks."""
    dataset = SyntheticVOS(num_videos=count, num_frames=frames, size=(240, 432), test_mode=True)
    videos = []
    for k in range(count):
        record = dataset.open_video(dataset.get_data_info(k))
        tracks: dict[int, BoxTrack] = {}
        names = record.source.frame_names
        (root / record.name).mkdir(parents=True)
        for t, name in enumerate(names):
            cv2.imwrite(str(root / record.name / f'{name}.jpg'), record.source[t])
            for i, box in record.annotation.boxes(t).items():
                tracks.setdefault(i, BoxTrack(str(i))).add(name, box)
        files = {name: f'{record.name}/{name}.jpg' for name in names}
        videos.append(BoxVideo(record.name, names, files, tracks, root))
    return videos


def main() -> None:
    args = parse_args()
    torch.set_num_threads(args.threads)
    init_default_scope('vosplug')
    config = load_config(args.config)
    config.model.backbone.pop('init_cfg', None)
    model = MODELS.build(config.model).eval()
    print(f'{platform.processor() or platform.machine()}, {args.threads} threads, torch {torch.__version__}')
    with tempfile.TemporaryDirectory() as folder:
        videos = make_videos(Path(folder) / 'videos')
        boxes = sum(video.num_boxes for video in videos)
        best: dict[str, float] = {}
        for run in range(args.runs):
            for batch in args.batches:
                factory = LabelFactory(
                    Path(folder) / f'{batch}-{run}', Labeller(Box2SegInitializer(model, batch_size=batch))
                )
                for label in (f'batches of {batch}', 'cached results'):
                    began = time.perf_counter()
                    factory.make_all(videos)
                    seconds = time.perf_counter() - began
                    best[label] = min(seconds, best.get(label, seconds))
    first = best[f'batches of {args.batches[0]}']
    print(f'{boxes} boxes of {len(videos)} videos at 240x432, crops of {model.crop["size"]}')
    for label, seconds in best.items():
        print(f'{label:<16} {boxes / seconds:8.1f} masks/s  {first / seconds:6.2f}x')


if __name__ == '__main__':
    main()
