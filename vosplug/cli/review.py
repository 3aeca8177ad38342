"""``vosplug review``: a web page to look through pseudo-labels, reject masks and draw better ones."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette

HELP = 'look through pseudo-labels in the browser, reject masks and draw better ones'
EXAMPLE = 'vosplug review labels/'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument('labels', metavar='DIR', help='folder of labels, made by `vosplug label`')
    parser.add_argument(
        '--model',
        default='box2seg-tiny',
        help='box-to-mask model or config that turns drawn boxes into masks (default: box2seg-tiny)',
    )
    parser.add_argument('--checkpoint', help='weights of --model')
    parser.add_argument(
        '--tracker',
        default='xmem-tiny-box',
        help='model or config that propagates masks to other frames (default: xmem-tiny-box)',
    )
    parser.add_argument('--tracker-checkpoint', metavar='CHECKPOINT', help='weights of --tracker')
    parser.add_argument('--device', default='cpu', help='torch device of the models (default: cpu)')
    parser.add_argument(
        '--host', default='127.0.0.1', help='address to listen on (default: this machine only)'
    )
    parser.add_argument('--port', type=int, default=8765, help='0: any free port (default: 8765)')
    parser.add_argument('--token', help='required of visitors; generated if --host lets others in')
    moved = parser.add_argument_group('if DIR/work/recipe.json is missing, or what it names has moved')
    moved.add_argument('--config', help='model that made the labels')
    moved.add_argument('--videos', help='folder of the videos')
    moved.add_argument('--boxes', help='file of the boxes, or the benchmark')


def run(args: argparse.Namespace) -> None:
    """Run the command, until it is interrupted."""
    from ..apis import init_model
    from ..errors import ConfigError
    from ..models.box_to_mask import as_box_to_mask
    from ..models.build import check_tracker
    from ..pseudo_labels import read_recipe

    try:
        from ..web import review_app, serve
    except ModuleNotFoundError as error:
        raise ConfigError(f'{error.name} is not installed: pip install "vosplug[web]".') from None
    moved = {name: getattr(args, name) for name in ('config', 'videos', 'boxes') if getattr(args, name)}
    recipe = read_recipe(args.labels, **moved)
    videos = recipe.read_videos()
    factory = recipe.make_factory(args.labels, args.device)
    segmenter = as_box_to_mask(init_model(args.model, args.checkpoint, args.device)).to(args.device)
    tracker = init_model(args.tracker, args.tracker_checkpoint, args.device)
    check_tracker(tracker)
    models = {'Masks of boxes': args.model, 'Tracker': args.tracker, 'Labels': recipe.config}

    def app(token: str | None) -> 'Starlette':
        return review_app(factory, videos, segmenter, tracker, recipe, models, args.host, token)

    serve(app, args.host, args.port, args.token)
