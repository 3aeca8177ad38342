"""Command line shared by the checkpoint converters."""

import argparse
import io
from collections.abc import Callable
from pathlib import Path

import torch
from mmengine.registry import init_default_scope
from torch import Tensor

from ..atomic import atomic_path
from ..checkpoint import read_checkpoint, weights_of
from ..config import config_errors, load_config
from ..errors import exit_on_errors
from ..registry import MODELS

# (weights, model's own weights, file name) -> weights in the other layout, and whether that is ours
Convert = Callable[[dict[str, Tensor], dict[str, Tensor], str], tuple[dict[str, Tensor], bool]]


def run_converter(description: str, config: str, convert: Convert) -> None:
    """Run the command line ``IN OUT [--config CONFIG]``: convert a checkpoint to the other layout.

    Args:
        description: description of the tool.
        config: default config of the network.
        convert: conversion function of the network.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('source', metavar='IN', help='checkpoint in either layout; the layout is detected')
    parser.add_argument('target', metavar='OUT', type=Path, help='checkpoint in the other layout')
    parser.add_argument('--config', default=config, help='config of the network')
    args = parser.parse_args()
    with exit_on_errors():
        checkpoint = read_checkpoint(args.source)
        cfg = load_config(args.config)
        init_default_scope('vosplug')
        with config_errors(cfg):
            model = MODELS.build(cfg.model)
        state = weights_of(checkpoint, args.source)
        converted, to_ours = convert(state, model.state_dict(), args.source)
        buffer = io.BytesIO()  # torch.save hides why a file cannot be written
        torch.save(dict(state_dict=converted, meta={}) if to_ours else converted, buffer)
        with atomic_path(args.target) as partial:
            partial.write_bytes(buffer.getbuffer())
    layout = 'our' if to_ours else "the authors'"
    print(f'{args.target}: {len(converted)} keys in {layout} layout')
