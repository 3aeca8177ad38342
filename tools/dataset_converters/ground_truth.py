"""Write the ground truth of a config's test set as indexed PNGs: ``ground_truth.py CONFIG OUT``."""

import argparse
from pathlib import Path

from vosplug.config import config_errors, load_config, require_keys
from vosplug.datasets import BaseVideoDataset
from vosplug.errors import exit_on_errors
from vosplug.formats import write_id_mask
from vosplug.registry import DATASETS


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'config', metavar='CONFIG', help='with a test_dataloader, such as _base_/datasets/segtrack_v2.py'
    )
    parser.add_argument(
        'out', metavar='OUT', type=Path, help='folder of <video>/<frame>.png, with the names and ids of a run'
    )
    return parser.parse_args()


def write_ground_truth(dataset: BaseVideoDataset, out: Path) -> tuple[int, int]:
    """Write the masks of all annotated frames; returns the numbers of videos and masks."""
    written = 0
    for k in range(len(dataset)):
        video = dataset[k]['data_samples']
        for t in video.eval_frames:
            write_id_mask(out / video.name / f'{video.source.frame_names[t]}.png', video.annotation.mask(t))
        written += len(video.eval_frames)
    return len(dataset), written


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        cfg = load_config(args.config)
        require_keys(cfg, ['test_dataloader.dataset'], 'ground truth')
        with config_errors(cfg):
            dataset = DATASETS.build(cfg.test_dataloader.dataset)
        videos, masks = write_ground_truth(dataset, args.out)
    print(f'{args.out}: {masks} masks of {videos} videos')


if __name__ == '__main__':
    main()
