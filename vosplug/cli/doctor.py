"""``vosplug doctor``: check the installation."""

import argparse
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..analysis.doctor import Check

HELP = 'check the installation: packages, extras, weights, data and folders, and what to do about them'
EXAMPLE = 'vosplug doctor --work-dir work_dirs'
WORDS = {'ok': 'OK     ', 'warning': 'warning', 'error': 'ERROR  '}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument('--work-dir', default='work_dirs', help='where trainings will write')
    parser.add_argument('--json', action='store_true', help='print the checks as JSON')


def run(args: argparse.Namespace) -> int:
    """Run the command; 1 if a check is an error."""
    from ..analysis.doctor import examine, report

    checks = examine(args.work_dir)
    found = report(checks)
    if args.json:
        print(json.dumps(found))
    else:
        _print(checks)
    return 0 if found['ok'] else 1


def _print(checks: 'list[Check]') -> None:
    group = ''
    for check in checks:
        if check.group != group:
            group = check.group
            print(f'{group}:')
        print(f'  {WORDS[check.status]} {check.name}: {check.found}')
        if check.advice:
            print(f'          {check.advice}')
    counts = {status: sum(check.status == status for check in checks) for status in WORDS}
    print(f'{counts["error"]} errors, {counts["warning"]} warnings')
