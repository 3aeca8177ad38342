"""Every command that a page shows is possible: programs, options, configs and the keys that it sets."""

import argparse
import contextlib
import inspect
import io
import os
import re
import shlex
import sys
from collections.abc import Callable
from unittest import mock

import pytest
from doc_shell import REPO, Call, blocks, pages, run, run_script, variables

from vosplug.cli import make_parser
from vosplug.config import load_config
from vosplug.errors import VOSError
from vosplug.registry import DATASETS, HOOKS, MODELS

# programs of others, whose arguments are theirs
FOREIGN = {'vot', 'unzip', 'sed', 'srun', 'ls', 'hf'}
OURS = ('vosplug', 'python', 'make', 'pip', 'pytest', 'torchrun', 'pre-commit')
# stand for a file or name of the reader
PLACEHOLDER = re.compile(r'[A-Z_]+(\.[a-z]+)?|…|\.\.\.|.*(\.\.\.|…).*')


class Parsed(Exception):
    """A script has parsed its arguments."""


def of_pages(language: str) -> pytest.MarkDecorator:
    """A test of every page that has blocks of a language."""
    found = [page for page in pages() if any(blocks(page, language))]
    return pytest.mark.parametrize('page', found, ids=lambda page: str(page.relative_to(REPO)))


@of_pages('bash')
def test_commands_of_a_page_are_possible(page, tmp_path):
    faults = []

    def answer(call: Call) -> tuple[int, str]:
        paths = [str(REPO / path) for path in call.env.get('PYTHONPATH', '').split(os.pathsep) if path]
        try:
            with mock.patch.object(sys, 'path', [*paths, *sys.path]), mock.patch.dict(os.environ, call.env):
                check(call)
        except (AssertionError, VOSError) as error:
            faults.append(f'{call.program} {shlex.join(call.arguments)}: {error}')
        return 0, ''

    programs = (*OURS, *FOREIGN)
    for block in blocks(page, 'bash'):
        # what commands would have made is not there
        script = re.sub(r'(?m)(?<!\|)\s>>?\s+\S+', ' ', block.text)
        run(script, tmp_path, programs, answer, **dict.fromkeys(variables(page), str(tmp_path)))
    assert not faults, '\n'.join(faults)


def check(call: Call) -> None:
    name, arguments = call.program, list(call.arguments)
    if name == 'torchrun':
        start = next(k for k, argument in enumerate(arguments) if argument.endswith('.py'))
        name, arguments = 'python', arguments[start:]
    if name in FOREIGN:
        return
    if name == 'vosplug':
        check_arguments(parsed(lambda: make_parser().parse_args(arguments)))
    elif name == 'python' and arguments[0] == '-c':
        compile(arguments[1], 'python -c', 'exec')
    elif name == 'python' and arguments[0] != '-m':
        check_arguments(parse_script(arguments[0], tuple(arguments[1:])))
    elif name in ('pytest', 'python'):
        assert all((REPO / a).exists() for a in arguments if a.startswith('tests')), 'no such tests'
    elif name == 'make':
        targets = re.findall(r'(?m)^([\w-]+):', (REPO / 'Makefile').read_text())
        assert all('=' in a or a in targets for a in arguments), f'make has {targets}'
    elif name == 'pip':
        check_pip(arguments)
    elif (REPO / name).is_file():
        assert os.access(REPO / name, os.X_OK), 'cannot be executed'
    else:
        raise AssertionError('no such program')


def parse_script(script: str, arguments: tuple[str, ...]) -> argparse.Namespace:
    """What a script makes of its arguments; it does not run."""
    path = REPO / script
    assert path.is_file(), 'no such file'

    def parse(parser: argparse.ArgumentParser, args=None, namespace=None) -> None:
        raise Parsed(original(parser, args, namespace))

    original = argparse.ArgumentParser.parse_args
    if '__main__' not in path.read_text():
        assert not arguments, 'takes no arguments'
        return argparse.Namespace()
    with mock.patch.object(argparse.ArgumentParser, 'parse_args', parse):
        try:
            parsed(lambda: run_script(script, arguments))
        except Parsed as done:
            return done.args[0]
    raise AssertionError('parses no arguments')


def parsed(parse: Callable[[], argparse.Namespace]) -> argparse.Namespace:
    """What ``parse`` returns; what argparse says of wrong arguments is an AssertionError."""
    with contextlib.redirect_stderr(io.StringIO()) as stderr:
        try:
            return parse()
        except SystemExit as done:
            assert not done.code, stderr.getvalue()
            return argparse.Namespace()


def check_arguments(args: argparse.Namespace) -> None:
    """The configs of a command exist, and have the keys that the command sets."""
    options = getattr(args, 'cfg_options', None) or {}
    for argument, changes in (('config', options), ('videos', {})):
        value = getattr(args, argument, None)
        if isinstance(value, str) and value.endswith('.py') and not PLACEHOLDER.fullmatch(value):
            check_config(value, changes)


def check_config(config: str, changes: dict) -> None:
    path = str(REPO / config) if (REPO / config).is_file() else config
    plain = load_config(path)
    for key in sorted(changes, key=lambda key: not key.endswith('.type')):
        value = plain
        if re.match(r'default_hooks\.\w+\.type$', key):  # a hook of any name may be added
            value.default_hooks[key.split('.')[1]] = dict(type=changes[key])
        for part in key.split('.'):
            if part not in value and not part.isdecimal():
                assert takes(value, part), f'{config} has no {key}, and what is above takes no {part}'
                break
            value = value[int(part) if part.isdecimal() else part]
    load_config(path, changes)


def takes(component: dict, argument: str) -> bool:
    """Whether the class of a component has an argument."""
    kind = component.get('type')
    found = [cls for registry in (MODELS, DATASETS, HOOKS) if kind and (cls := registry.get(kind))]
    classes = [base for cls in found if inspect.isclass(cls) for base in cls.__mro__]
    return any(argument in inspect.signature(base.__init__).parameters for base in classes)


def check_pip(arguments: list[str]) -> None:
    setup = (REPO / 'setup.py').read_text()
    for flag, value in zip(arguments, arguments[1:], strict=False):
        assert flag != '-r' or (REPO / value).is_file(), f'{value}: no such file'
    for extra in re.findall(r'(?:vosplug|\.)\[([\w,-]+)\]', ' '.join(arguments)):
        assert all(f"'{name}': [" in setup for name in extra.split(',')), f'no extra {extra}'


@of_pages('text')
def test_options_of_a_synopsis_are_those_of_the_tool(page):
    for block in blocks(page, 'text'):
        for command in re.sub(r'\\\n', ' ', block.text).splitlines():
            words = command.split()
            if words[:1] == ['python'] and len(words) > 1:
                known = options_of(lambda script=words[1]: run_script(script, ['--help']))
            elif words[:1] == ['vosplug'] and len(words) > 1:
                known = options_of(lambda name=words[1]: make_parser().parse_args([name, '--help']))
            else:
                continue
            shown = set(re.findall(r'(?<![\w-])--[\w-]+', command))
            assert shown <= known, f'{block}: {words[:2]} has no {shown - known}'


def options_of(show_help: Callable[[], object]) -> set[str]:
    """Options that a help names."""
    with contextlib.redirect_stdout(io.StringIO()) as text, pytest.raises(SystemExit):
        show_help()
    return set(re.findall(r'(?<![\w-])--[\w-]+', text.getvalue()))
