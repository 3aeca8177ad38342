"""Masks from the true boxes of objects against the filled box: ``box_to_mask_quality.py CONFIG``."""

import argparse
from pathlib import Path

from mmengine.config import DictAction
from mmengine.registry import init_default_scope
from rich.console import Console
from rich.table import Table

from vosplug.apis import init_model
from vosplug.cli.arguments import add_cfg_options
from vosplug.config import config_errors, load_config
from vosplug.datasets import COCOImageDataset
from vosplug.datasets.base_video_dataset import BaseVideoDataset
from vosplug.errors import exit_on_errors
from vosplug.evaluation.box_to_mask import box_to_mask_quality
from vosplug.evaluation.functional import PseudoLabelQuality
from vosplug.models import FilledBoxInitializer
from vosplug.models.box_to_mask import as_box_to_mask
from vosplug.registry import DATASETS


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='J and recall of the masks that a model makes from true boxes in images or videos.'
    )
    parser.add_argument(
        'config', help='of a box-to-mask model, or box2seg-tiny or an .onnx file, which include weights'
    )
    parser.add_argument('checkpoint', nargs='?', help='weights, for a config')
    data = parser.add_mutually_exclusive_group(required=True)
    data.add_argument('--coco', type=Path, metavar='JSON', help='COCO instances of images')
    data.add_argument('--videos', metavar='CONFIG', help='config whose test_dataloader.dataset is used')
    parser.add_argument('--image-dir', default='images', help='folder beside the JSON (default: images)')
    parser.add_argument('--images', metavar='LIST', help='file with a file_name per line; default: all')
    parser.add_argument('--min-pixels', type=int, default=0, help='leave out smaller objects')
    parser.add_argument('--every', type=int, default=1, help='n-th annotated frame of a video (default: 1)')
    parser.add_argument('--device', default='cpu')
    parser.add_argument(
        '--options', nargs='+', action=DictAction, default={}, help='of STAInitializer or Box2SegInitializer'
    )
    add_cfg_options(parser)
    args = parser.parse_args()
    if args.videos and (args.images or args.min_pixels):
        parser.error('--images and --min-pixels: only with --coco; choose videos in the config.')
    if args.every < 1:
        parser.error(f'--every: found {args.every}, expected 1 or more.')
    return args


def build_dataset(args: argparse.Namespace) -> BaseVideoDataset:
    """Images of COCO, or the videos that a config tests on."""
    if args.videos:
        init_default_scope('vosplug')
        cfg = load_config(args.videos)
        with config_errors(cfg):
            return DATASETS.build(cfg.test_dataloader.dataset)
    return COCOImageDataset(
        data_root=str(args.coco.parent),
        ann_file=args.coco.name,
        image_dir=args.image_dir,
        image_set=args.images,
        objects='single',
        min_pixels=args.min_pixels,
        clip_sampler=dict(num_frames=1),
        prompt='box',
        test_mode=True,
    )


def make_table(found: dict[str, PseudoLabelQuality]) -> Table:
    """A line per method, in percent."""
    table = Table('masks', 'J', 'recall@50', 'recall@70', 'objects')
    for name, row in found.items():
        scores = (row.mean, *row.recall.values())
        table.add_row(name, *(f'{100 * score:.1f}' for score in scores), str(row.masks))
    return table


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        network = init_model(args.config, args.checkpoint, args.device, args.cfg_options)
        model = as_box_to_mask(network, **args.options)
        models = {str(args.config): model, 'filled box': FilledBoxInitializer()}
        Console().print(make_table(box_to_mask_quality(build_dataset(args), models, args.every)))


if __name__ == '__main__':
    main()
