"""Split YouTube-VOS' training videos as its paper does: ``split_youtube_vos.py train/meta.json OUT``."""

import argparse
from dataclasses import asdict
from pathlib import Path

from vosplug.datasets.youtube_vos_split import split_youtube_vos
from vosplug.errors import exit_on_errors
from vosplug.formats.text_file import write_lines
from vosplug.formats.youtube_vos_meta import read_meta


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('meta', metavar='META', help="the training set's meta.json")
    parser.add_argument('out', metavar='OUT', type=Path, help='folder of the lists')
    parser.add_argument('--seed', type=int, default=0)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        videos = {name: set(objects.values()) for name, objects in read_meta(args.meta).items()}
        for name, lines in asdict(split_youtube_vos(videos, seed=args.seed)).items():
            write_lines(args.out / f'{name}.txt', lines)
            print(f'{args.out / name}.txt: {len(lines)}')


if __name__ == '__main__':
    main()
