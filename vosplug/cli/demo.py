"""``vosplug demo``: train with box supervision, test and report; or a web page that tracks drawn boxes."""

import argparse
import sys

from .arguments import add_cfg_options, add_json
from .output import json_output

HELP = 'train on generated videos with box supervision only, test, and write a report; --web: try a model'
EXAMPLE = 'vosplug demo --work-dir work_dirs/demo'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument('--config', default='xmem_box/xmem_tiny_synthetic-box.py')
    parser.add_argument('--work-dir', default='work_dirs/demo')
    add_cfg_options(parser)
    add_json(parser)
    web = parser.add_argument_group('web page: send a clip, draw boxes, watch the masks')
    web.add_argument('--web', action='store_true', help='serve the page instead of training')
    web.add_argument('--model', default='xmem-tiny-box', help='name or config (default: xmem-tiny-box)')
    web.add_argument('--checkpoint', help='weights of --model')
    web.add_argument('--device', default='cpu', help='torch device (default: cpu)')
    web.add_argument('--host', default='127.0.0.1', help='address to listen on (default: this machine only)')
    web.add_argument('--port', type=int, default=8766, help='0: any free port (default: 8766)')
    web.add_argument('--token', help='required of visitors; generated if --host lets others in')


def run(args: argparse.Namespace) -> int:
    """Run the command; 1 if the model does not beat the baselines, 130 or 143 after a signal."""
    if args.web:
        _serve(args)
        return 0
    from ..analysis.demo import format_summary, run_demo, shortfalls
    from ..config import config_errors, load_config
    from ..engine.stop_signals import TrainingStopped

    with json_output(args.json) as emit:
        cfg = load_config(args.config, args.cfg_options)
        cfg.work_dir = args.work_dir
        try:
            with config_errors(cfg):
                summary = run_demo(cfg)
        except TrainingStopped as stopped:
            print(stopped, file=sys.stderr)
            return stopped.exit_code
        print(f'\n{format_summary(summary)}\n\n{summary["wall_s"]} s; open {args.work_dir}/index.html')
        emit(summary)
    missed = shortfalls(summary)
    if missed:
        print('The demo failed: the model does not beat\n  ' + '\n  '.join(missed), file=sys.stderr)
    return 1 if missed else 0


def _serve(args: argparse.Namespace) -> None:
    from ..apis import init_model
    from ..errors import ConfigError
    from ..models.build import check_tracker

    try:
        from ..web import serve_demo
    except ModuleNotFoundError as error:
        raise ConfigError(f'{error.name} is not installed: pip install "vosplug[web]".') from None
    model = init_model(args.model, args.checkpoint, args.device)
    check_tracker(model)
    serve_demo(model, args.host, args.port, args.token, args.model)
