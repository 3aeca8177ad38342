"""The ``vosplug`` command: one module per command, which tools/*.py run too."""

import argparse
import io
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

import shtab

from ..errors import exit_on_errors
from ..version import __version__

COMMANDS = (
    'track',
    'convert',
    'label',
    'review',
    'train',
    'test',
    'eval',
    'submit',
    'models',
    'demo',
    'doctor',
)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command of a command line; the entry point ``vosplug``."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    args = make_parser().parse_args(arguments)
    args.argv = arguments[1:]
    execute(import_module(f'.{args.command}', __name__), args)


def tool(command: str) -> None:
    """Run one command as a standalone program, such as ``tools/train.py``."""
    module = import_module(f'.{command}', __name__)
    parser = argparse.ArgumentParser(**_texts(module))
    module.add_arguments(parser)
    args = parser.parse_args()
    args.argv = sys.argv[1:]
    execute(module, args)


def execute(module: ModuleType, args: argparse.Namespace) -> None:
    """Run a command; user errors become a message and an exit code.

    Raises:
        SystemExit: the command failed: code 1 and a message for a VOSError, 130 for an interruption, or the
            code that the command returned.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # names of files may contain what cannot be encoded
        sys.stdout.reconfigure(errors='backslashreplace')
    with exit_on_errors():
        code = module.run(args)
    if code:
        sys.exit(code)


def make_parser() -> argparse.ArgumentParser:
    """The parser of ``vosplug``, without importing what the commands need to run."""
    parser = argparse.ArgumentParser(
        prog='vosplug', description='Video object segmentation: track, label, train, test.'
    )
    parser.add_argument('--version', action='version', version=f'vosplug {__version__}')
    shtab.add_argument_to(parser, help='print a script for shell completion of commands and options')
    commands = parser.add_subparsers(dest='command', metavar='COMMAND', required=True)
    for name in COMMANDS:
        module = import_module(f'.{name}', __name__)
        module.add_arguments(commands.add_parser(name, help=module.HELP, **_texts(module)))
    return parser


def _texts(module: ModuleType) -> dict:
    return dict(
        description=module.HELP,
        epilog=f'example:\n  {module.EXAMPLE}',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
