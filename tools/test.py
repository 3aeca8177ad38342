"""Test a model: ``python tools/test.py CONFIG CHECKPOINT``."""

import argparse
import sys

from vosplug.engine.checkpoint import check_weights, read_checkpoint
from vosplug.engine.cli import make_parser, parse
from vosplug.engine.runner import build_runner, load_config, naming_config, prepare
from vosplug.errors import VOSError


def parse_args() -> argparse.Namespace:
    parser = make_parser('Segment and score the test videos of a config.')
    parser.add_argument('checkpoint', help='weights')
    parser.add_argument('--out', metavar='DIR', help='write predicted masks there, <video>/<frame>.png')
    parser.add_argument('--show-dir', metavar='DIR', help='write frames with coloured masks there')
    return parse(parser)


def main() -> None:
    args = parse_args()
    try:
        cfg = prepare(load_config(args.config, args.cfg_options), args)
        cfg.load_from, cfg.resume = None, False  # what training started from need not be there
        hooks = list(cfg.get('custom_hooks', []))
        if args.out:
            hooks.append(dict(type='MaskWriterHook', out_dir=args.out))
        if args.show_dir:
            hooks.append(dict(type='OverlayHook', out_dir=args.show_dir))
        cfg.custom_hooks = hooks
        state = read_checkpoint(args.checkpoint)
        runner = build_runner(cfg)
        model = getattr(runner.model, 'module', runner.model)
        state = state.get('state_dict', state)
        check_weights(model, state, args.checkpoint)
        model.load_state_dict(state)
        with naming_config(cfg):
            runner.test()
    except VOSError as error:
        sys.exit(f'{type(error).__name__}: {error}')


if __name__ == '__main__':
    main()
