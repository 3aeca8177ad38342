"""Masks from the true boxes of COCO objects against the filled box: ``box_to_mask_quality.py CONFIG``."""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from vosplug.apis import init_model
from vosplug.datasets import COCOImageDataset
from vosplug.errors import VOSError
from vosplug.evaluation.box_to_mask import box_to_mask_quality
from vosplug.evaluation.functional import PseudoLabelQuality
from vosplug.models import FilledBoxInitializer
from vosplug.models.box_to_mask import as_box_to_mask


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='J and recall of the masks that a box-to-mask model makes from true boxes in images.'
    )
    parser.add_argument('config', help='of a box-to-mask model, or box2seg-tiny, with its weights')
    parser.add_argument('checkpoint', nargs='?', help='weights, for a config')
    parser.add_argument('--coco', required=True, type=Path, metavar='JSON', help='instances')
    parser.add_argument('--image-dir', default='images', help='beside the JSON (default: images)')
    parser.add_argument('--images', metavar='LIST', help='file with a file_name per line; all images without')
    parser.add_argument('--min-pixels', type=int, default=0, help='leave out smaller objects')
    parser.add_argument('--device', default='cpu')
    return parser.parse_args()


def make_table(found: dict[str, PseudoLabelQuality]) -> Table:
    """A line per method, in percent."""
    table = Table('masks', 'J', 'recall@50', 'recall@70', 'objects')
    for name, row in found.items():
        scores = (row.mean, *row.recall.values())
        table.add_row(name, *(f'{100 * score:.1f}' for score in scores), str(row.masks))
    return table


def main() -> None:
    args = parse_args()
    try:
        model = as_box_to_mask(init_model(args.config, args.checkpoint, args.device))
        dataset = COCOImageDataset(
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
        models = {str(args.config): model, 'filled box': FilledBoxInitializer()}
        Console().print(make_table(box_to_mask_quality(dataset, models)))
    except VOSError as error:
        sys.exit(f'{type(error).__name__}: {error}')


if __name__ == '__main__':
    main()
