"""J of methods over the length of videos: ``compare_over_time.py NAME=frames.json ... --out plot.png``."""

import argparse
from pathlib import Path

from vosplug.errors import AnnotationError, ConfigError, exit_on_errors
from vosplug.files import is_file
from vosplug.formats.text_file import read_json
from vosplug.visualization.time_plots import PerFrame, write_methods_plot


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='J of several methods over normalised video time (Xu et al. 2018, Fig. 3).'
    )
    parser.add_argument(
        'scores',
        nargs='+',
        metavar='[NAME=]FILE',
        help='scores of a method: JSON of `tools/eval_masks.py --per-frame`; its name is the label',
    )
    parser.add_argument('--out', required=True, type=Path, help='PNG file')
    return parser.parse_args()


def read_methods(scores: list[str]) -> dict[str, PerFrame]:
    """Label -> scores of frames."""
    methods = {}
    for given in scores:
        label, equals, path = given.partition('=')
        if not equals or is_file(given):  # folders may be named lr=0.1
            label, path = Path(given).stem, given
        if label in methods:
            raise ConfigError(f'found the label {label!r} twice, expected distinct ones: NAME=FILE.')
        methods[label] = read_json(path, missing='scores not found; expected [NAME=]FILE.')
        objects = [o for video in _values(methods[label]) for o in _values(video)]
        if not objects or not all(isinstance(o, dict) and {'frames', 'J'} <= o.keys() for o in objects):
            raise AnnotationError(
                f'{path}: expected the scores of frames that `tools/eval_masks.py --per-frame` writes.'
            )
    return methods


def _values(record: object) -> list:
    """Values of a JSON object; of anything else a single None, which fails validation."""
    return [*record.values()] if isinstance(record, dict) else [None]


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        write_methods_plot(args.out, read_methods(args.scores))


if __name__ == '__main__':
    main()
