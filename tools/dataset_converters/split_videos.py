"""Split the videos of a dataset at random: ``split_videos.py VIDEOS OUT --parts yt300=300``."""

import argparse
from pathlib import Path

from mmengine.config import DictAction

from vosplug.datasets.video_split import random_split
from vosplug.errors import exit_on_errors
from vosplug.formats.image_set import read_image_set
from vosplug.formats.text_file import write_lines
from vosplug.formats.youtube_vos_meta import read_meta


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('videos', metavar='VIDEOS', type=Path, help="image set, or YouTube-VOS' meta.json")
    parser.add_argument('out', metavar='OUT', type=Path, help='folder of the lists; rest.txt has the others')
    parser.add_argument(
        '--parts', nargs='+', action=DictAction, required=True, help='NAME=NUMBER, or NAME=SHARE below 1'
    )
    parser.add_argument('--seed', type=int, default=0)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        names = read_meta(args.videos) if args.videos.suffix == '.json' else read_image_set(args.videos)
        for part, videos in random_split([*names], args.parts, args.seed).items():
            write_lines(args.out / f'{part}.txt', videos)
            print(f'{args.out / part}.txt: {len(videos)}')


if __name__ == '__main__':
    main()
