"""Export a network that makes masks from boxes: ``export_onnx.py CONFIG [CHECKPOINT] --out OUT.onnx``."""

import argparse
from pathlib import Path

from vosplug.apis import export_onnx, init_model
from vosplug.cli.arguments import add_cfg_options
from vosplug.errors import exit_on_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Export a Box2Seg as an ONNX file, which is checked against PyTorch.'
    )
    parser.add_argument('config', help='config of a Box2Seg, or box2seg-tiny, which includes weights')
    parser.add_argument('checkpoint', nargs='?', help='weights, for a config')
    parser.add_argument('--out', required=True, type=Path, metavar='OUT.onnx')
    add_cfg_options(parser)
    args = parser.parse_args()
    if args.checkpoint is None and args.config.endswith('.py'):
        parser.error(f'{args.config}: needs a checkpoint of trained weights')
    return args


def main() -> None:
    args = parse_args()
    with exit_on_errors():
        model = init_model(args.config, args.checkpoint, cfg_options=args.cfg_options)
        source = ' '.join(filter(None, (args.config, args.checkpoint)))
        difference = export_onnx(model, args.out, source)
    print(
        f'{args.out}: {args.out.stat().st_size / 2**20:.1f} MiB; probabilities differ from those of PyTorch '
        f'by {difference:.1e} at most'
    )


if __name__ == '__main__':
    main()
