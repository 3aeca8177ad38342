"""``vosplug models``: the trained models and configs that come with vosplug."""

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..analysis.model_list import ShippedConfig, ShippedModel

HELP = 'list the trained models that come with vosplug, or its configs'
EXAMPLE = "vosplug models --configs 'stm/*davis16*'"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        '--configs',
        nargs='?',
        const='*',
        metavar='PATTERN',
        help="list configs instead: all, or those with this in their path, such as 'stm/*davis16*'",
    )
    parser.add_argument('--json', action='store_true', help='print the list as JSON')


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from ..analysis.model_list import shipped_configs, shipped_models

    if args.configs is not None:
        configs = shipped_configs(args.configs)
        print(json.dumps(dict(configs=list(map(asdict, configs))))) if args.json else _print_configs(configs)
    else:
        models = shipped_models()
        print(json.dumps(dict(models=[_model(m) for m in models]))) if args.json else _print_models(models)


def _model(model: 'ShippedModel') -> dict:
    return dict(
        name=model.name,
        task=model.task,
        config=model.config.config,
        method=model.config.method,
        parameters=model.parameters,
        size_mb=round(model.size_mb, 1),
        licence=model.licence,
        results=list(model.config.results),
    )


def _print_models(models: 'list[ShippedModel]') -> None:
    for model in models:
        print(f'{model.name}: {model.task[:1].lower()}{model.task[1:]}')
        print(
            f'    {model.config.method}, {model.parameters / 1e6:.2f} M parameters, {model.size_mb:.1f} MiB'
        )
        print(f'    {model.config.scores}')
        print(f'    licence: {model.licence}')
        print(f'    config:  {model.config.config}')


def _print_configs(configs: 'list[ShippedConfig]') -> None:
    width = max(len(config.config) for config in configs)
    for config in configs:
        weights = f'weights: {config.model}' if config.model else ''
        print(f'{config.config:{width}}  {"; ".join(filter(None, (config.scores, weights)))}'.rstrip())
