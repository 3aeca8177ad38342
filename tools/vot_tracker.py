"""Run a model in the VOT toolkit: ``python tools/vot_tracker.py xmem-tiny-box --section NAME``."""

import argparse
import sys
from pathlib import Path

from mmengine.config import DictAction

from vosplug.apis import init_model, run_vot_tracker, trackers_ini_section, zoo_models
from vosplug.apis.vot_tracker import PROMPTS
from vosplug.errors import exit_on_errors
from vosplug.paths import find_config


def parse_args() -> tuple[argparse.Namespace, list[str]]:
    """Arguments, and the command line without ``--section``."""
    section = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    section.add_argument(
        '--section', metavar='NAME', help='only print the section of trackers.ini that runs this command'
    )
    parser = argparse.ArgumentParser(
        description="Track the objects of the current folder by the VOT toolkit's folder protocol.",
        parents=[section],
        allow_abbrev=False,
    )
    parser.add_argument('config', help='config file, or the name of a model that comes with vosplug')
    parser.add_argument('checkpoint', nargs='?', help='weights; a name includes them')
    parser.add_argument(
        '--prompt', choices=PROMPTS, default='mask', help='box: start from the boxes of given masks'
    )
    parser.add_argument('--rectangles', action='store_true', help='answer with bounding boxes, not masks')
    parser.add_argument('--device', default='cpu')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        help='config overrides, key.sub=value; paths in them must be absolute, since the toolkit runs the '
        'command in a temporary folder',
    )
    return parser.parse_args(), section.parse_known_args()[1]


def command(args: argparse.Namespace, given: list[str]) -> list[str]:
    """The command line with absolute paths, for any working folder."""
    paths = {}
    if args.config not in zoo_models():
        paths[args.config] = str(find_config(args.config).resolve())
    if args.checkpoint:
        paths[args.checkpoint] = str(Path(args.checkpoint).resolve())
    return [sys.executable, str(Path(__file__).resolve()), *(paths.get(arg, arg) for arg in given)]


def main() -> None:
    args, given = parse_args()
    with exit_on_errors():
        if args.section:
            print(trackers_ini_section(args.section, Path(args.config).stem, command(args, given)), end='')
            return
        model = init_model(args.config, args.checkpoint, args.device, args.cfg_options)
        run_vot_tracker(model, '.', args.prompt, args.rectangles)


if __name__ == '__main__':
    main()
