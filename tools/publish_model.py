"""Export a training checkpoint as release weights: ``publish_model.py CONFIG CHECKPOINT OUT.safetensors``."""

import argparse
from pathlib import Path

from vosplug.apis import init_model
from vosplug.checkpoint import publish
from vosplug.errors import exit_on_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='shipped config, by its path below configs/')
    parser.add_argument('checkpoint')
    parser.add_argument('target', metavar='OUT.safetensors', type=Path)
    parser.add_argument(
        '--licence', required=True, help='licence of the weights, determined by the training data'
    )
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        model = init_model(args.config, args.checkpoint)
        publish(model.state_dict(), args.target, dict(config=args.config, licence=args.licence))
    print(f'{args.target}: {args.target.stat().st_size / 2**20:.1f} MiB')


if __name__ == '__main__':
    main()
