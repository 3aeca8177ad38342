"""Test a model: ``python tools/test.py CONFIG CHECKPOINT``."""

import argparse
import sys

from mmengine.config import DictAction

from vosplug.engine.checkpoint import check_weights, read_checkpoint
from vosplug.engine.runner import build_runner, load_config, naming_config, prepare, set_local_rank
from vosplug.errors import VOSError


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description='Segment and score the test videos of a config.')
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='weights')
    parser.add_argument('--work-dir', help='folder of the log and the scores (work_dirs/<config name>)')
    parser.add_argument('--out', metavar='DIR', help='write predicted masks there, <video>/<frame>.png')
    parser.add_argument('--show-dir', metavar='DIR', help='write frames with coloured masks there')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='changes, as key.sub=value')
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    set_local_rank(args)
    try:
        cfg = prepare(load_config(args.config, args.cfg_options), args)
        hooks = cfg.setdefault('custom_hooks', [])
        if args.out:
            hooks.append(dict(type='MaskWriterHook', out_dir=args.out))
        if args.show_dir:
            hooks.append(dict(type='OverlayHook', out_dir=args.show_dir))
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
