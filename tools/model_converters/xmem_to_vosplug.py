"""Authors' XMem checkpoint to ours, or ours to theirs: ``xmem_to_vosplug.py IN OUT``."""

import argparse
import os
import sys
from pathlib import Path

import torch
from mmengine.registry import init_default_scope

from vosplug.engine.checkpoint import read_checkpoint
from vosplug.engine.runner import load_config, naming_config
from vosplug.errors import VOSError
from vosplug.models.xmem_checkpoint import convert_xmem
from vosplug.registry import MODELS

CONFIG = 'xmem/xmem_r50-r18_davis17.py'
THEIRS = "the authors'"


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('source', metavar='IN', help='checkpoint in either layout; the layout is recognised')
    parser.add_argument('target', metavar='OUT', help='checkpoint in the other layout')
    parser.add_argument('--config', default=CONFIG, help='config of the network')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    try:
        checkpoint = read_checkpoint(args.source)
        config = load_config(args.config)
        init_default_scope('vosplug')
        with naming_config(config):
            model = MODELS.build(config.model)
        state = checkpoint.get('state_dict', checkpoint)
        converted, to_ours = convert_xmem(state, model.state_dict(), args.source)
    except VOSError as error:
        sys.exit(f'{type(error).__name__}: {error}')
    target = Path(args.target)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f'.{target.name}.partial')
    torch.save(dict(state_dict=converted, meta={}) if to_ours else converted, partial)
    os.replace(partial, target)
    print(f'{target}: {len(converted)} keys in {"our" if to_ours else THEIRS} layout')


if __name__ == '__main__':
    main()
