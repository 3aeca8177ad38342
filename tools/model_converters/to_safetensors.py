"""Write the weights of a checkpoint as safetensors: ``to_safetensors.py IN OUT.safetensors``."""

import argparse
import os
from pathlib import Path

from vosplug.checkpoint import TRUSTED_FILES, read_checkpoint, weights_of, write_safetensors
from vosplug.errors import CheckpointError, exit_on_errors


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Write the weights of a checkpoint as safetensors, which holds no code.'
    )
    parser.add_argument('source', metavar='IN')
    parser.add_argument('target', metavar='OUT.safetensors', type=Path)
    parser.add_argument('--key', help='key of the weights, such as net; default: state_dict or the top level')
    parser.add_argument(
        '--trust-code',
        action='store_true',
        help='run the code in IN, if it has any: only if you trust who made it',
    )
    args = parser.parse_args()
    if args.target.suffix != '.safetensors':
        parser.error(f'{args.target}: expected a name that ends in .safetensors')
    return args


def main() -> None:
    args = parse_args()
    if args.trust_code:
        os.environ[TRUSTED_FILES] = str(Path(args.source).resolve())
    with exit_on_errors():
        checkpoint = read_checkpoint(args.source)
        if args.key:
            if args.key not in checkpoint:
                keys = sorted(map(str, checkpoint))[:10]
                raise CheckpointError(f'{args.source}: has no key {args.key!r}, expected one of {keys}.')
            checkpoint = dict(state_dict=checkpoint[args.key])
        state = weights_of(checkpoint, args.source)
        write_safetensors(state, args.target, {})
    print(f'{args.target}: {len(state)} tensors, {args.target.stat().st_size / 2**20:.1f} MiB')


if __name__ == '__main__':
    main()
