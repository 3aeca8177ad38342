"""Derive boxes from masks, as CSV for ``tools/pseudo_label.py``: ``masks_to_boxes.py MASKS OUT.csv``."""

import argparse
from pathlib import Path

from vosplug.errors import exit_on_errors
from vosplug.formats.box_table import COLUMNS
from vosplug.formats.image_set import read_image_set
from vosplug.formats.mask_folder import MaskFolderAnnotation
from vosplug.formats.text_file import write_lines
from vosplug.structures import boxes_of_mask


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('masks', metavar='MASKS', help='folder of id masks, <video>/<frame>.png')
    parser.add_argument('out', metavar='OUT.csv')
    parser.add_argument('--image-set', help='file that lists the videos; default: all of MASKS')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        root = Path(args.masks)
        names = (
            read_image_set(args.image_set)
            if args.image_set
            else sorted(p.name for p in root.iterdir() if p.is_dir())
        )
        lines = [','.join(COLUMNS)]
        for name in names:
            frames = sorted(path.stem for path in (root / name).glob('*.png'))
            annotation = MaskFolderAnnotation(root / name, frames)
            for t, frame in enumerate(frames):
                for object_id, box in boxes_of_mask(annotation.mask(t)).items():
                    lines.append(','.join([name, frame, str(object_id), *(f'{x:g}' for x in box)]))
        write_lines(args.out, lines)
    print(f'{args.out}: {len(lines) - 1} boxes of {len(names)} videos')


if __name__ == '__main__':
    main()
