"""``vosplug convert``: annotations from one format to another."""

import argparse
import re
import sys
from dataclasses import asdict

from ..errors import ConfigError
from .arguments import add_json
from .output import json_output

HELP = 'convert annotations: CVAT, Label Studio, COCO, YouTube-VIS, DAVIS, YOLO and more'
EXAMPLE = 'vosplug convert labels.xml boxes.csv --videos my_data/frames'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument('source', metavar='FROM', help='annotation file, or folder')
    parser.add_argument('target', metavar='TO', help='file to write, or folder, which must be new or empty')
    parser.add_argument('--from', dest='source_format', metavar='FORMAT', help='default: detected from FROM')
    parser.add_argument(
        '--to',
        dest='target_format',
        metavar='FORMAT',
        help='default: by the suffix of TO. One of cvat, label-studio, coco, ytvis, tao, mots, got10k, '
        'lasot, trackingnet, vot, yolo, yolo-seg, davis and csv; FROM may also be cocovid',
    )
    parser.add_argument(
        '--videos',
        metavar='DIR',
        help='folder of the videos, <video>/*.jpg or <video>.mp4; gives names and sizes of frames',
    )
    parser.add_argument(
        '--size', metavar='WxH', help='size of all frames, if neither annotations nor --videos give it'
    )
    add_json(parser)


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from ..formats.exchange import convert

    summary = convert(
        args.source, args.target, args.source_format, args.target_format, args.videos, _parse_size(args.size)
    )
    with json_output(args.json) as emit:
        emit(asdict(summary))
    for what, count in summary.dropped.items():
        print(f'warning: {summary.target} cannot store: {count} {what}', file=sys.stderr)
    counts = ('videos', 'objects', 'frames', 'boxes', 'masks')
    found = ', '.join(f'{getattr(summary, name)} {name}' for name in counts)
    print(f'{args.target}: {found}, from {summary.source} to {summary.target}', file=sys.stderr)


def _parse_size(text: str | None) -> tuple[int, int] | None:
    """(H, W) of ``WxH``."""
    match = re.fullmatch('([1-9][0-9]{0,4})x([1-9][0-9]{0,4})', text or '')
    if text is not None and match is None:
        raise ConfigError(f'--size: found {text!r:.60}, expected WIDTHxHEIGHT, such as 1920x1080.')
    return (int(match[2]), int(match[1])) if match else None
