"""The pages of methods: their equations, links to code, configs and settings."""

import ast
import functools
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from vosplug.config import load_config

REPO = Path(__file__).parents[2]
DOCS = REPO / 'docs'
PAGES = sorted(path for path in (DOCS / 'methods').glob('*.md') if path.stem != 'index')
SECTIONS = ['What it is', 'Equations and code', 'Settings', 'Variants', 'Run it', 'Deviations']

# numbered equations of each paper, and which of them each page explains
PAPERS = {
    'Skogh 2024': [f'3.{k}' for k in range(1, 23)] + ['4.1'],
    'Voigtlaender et al. 2021': ['1', '2'],
    'Perazzi et al. 2017': [],
    'Xu et al. 2018': ['1', '2', '3', '4', '5'],
    'Zhao et al. 2021': ['1', '2a', '2b', '3', '4'],
}
EXPLAINED = {
    'stm': ('Voigtlaender et al. 2021', ['1', '2']),
    'xmem': ('Skogh 2024', ['3.2', '3.3', '3.4', '3.5', '3.6', '3.7']),
    'xmem_box': ('Skogh 2024', ['3.1', *(f'3.{k}' for k in range(8, 23)), '4.1']),
    'box2seg': ('Voigtlaender et al. 2021', []),
    'masktrack': ('Perazzi et al. 2017', []),
    'seq2seq': ('Xu et al. 2018', ['1', '2', '3', '4', '5']),
    'sta': ('Zhao et al. 2021', ['1', '2a', '2b', '3', '4']),
    'lwl': ('Zhao et al. 2021', ['2a', '2b']),
}
ROLE = re.compile(r'\{(?:class|func|meth|mod)\}`~?([\w.]+)`')
by_name = pytest.mark.parametrize('page', PAGES, ids=lambda path: path.stem)


def section(page: Path, title: str) -> str:
    found = re.search(rf'^## {title}\n(.*?)(?=^## |\Z)', page.read_text(encoding='utf-8'), re.M | re.S)
    assert found, f'{page.name}: no section {title!r}'
    return found[1]


def table(page: Path, title: str) -> list[dict[str, str]]:
    """Rows of the first table of a section, column -> cell."""
    lines = [line for line in section(page, title).splitlines() if line.startswith('|')]
    head, _, *rows = ([cell.strip() for cell in line.strip().strip('|').split('|')] for line in lines)
    assert all(len(row) == len(head) for row in rows), f'{page.name}: a row of {title!r} has too many cells'
    return [dict(zip(head, row, strict=True)) for row in rows]


def resolve(name: str) -> Any:
    """The object of a dotted name."""
    parts = name.split('.')
    for length in range(len(parts), 0, -1):
        try:
            module = importlib.import_module('.'.join(parts[:length]))
        except ModuleNotFoundError:
            continue
        return functools.reduce(getattr, parts[length:], module)
    raise ModuleNotFoundError(name)


@functools.cache
def config(name: str) -> Any:
    return load_config(name)


def value_at(tree: Any, key: str) -> Any:
    """What stands at a dotted key of a config, whose lists take numbers."""
    for part in key.split('.'):
        tree = tree[int(part)] if isinstance(tree, list | tuple) else tree[part]
    return tree


def plain(value: Any) -> Any:
    return [plain(v) for v in value] if isinstance(value, list | tuple) else value


@by_name
def test_sections_come_in_order(page):
    assert re.findall(r'^## (.*)$', page.read_text(encoding='utf-8'), re.M) == SECTIONS


@by_name
def test_every_numbered_equation_has_its_row(page):
    rows = table(page, 'Equations and code')
    numbers = [m[1] for row in rows if (m := re.fullmatch(r'eq\. (\S+)', row['equation']))]
    paper, expected = EXPLAINED[page.stem]
    assert numbers == expected, paper
    for row in rows:
        assert all(row.values()), row
        # a library's class has no page here
        assert ROLE.search(row['code']) or "mmengine's" in row['code'], row


def test_the_pages_together_explain_all_five_papers():
    assert {page.stem for page in PAGES} == set(EXPLAINED)
    for paper, equations in PAPERS.items():
        explained = {number for name, numbers in EXPLAINED.values() if name == paper for number in numbers}
        assert explained == set(equations), paper


@by_name
def test_formulas_are_closed(page):
    for row in table(page, 'Equations and code'):
        assert row['formula'].count('$') % 2 == 0, row
        assert row['formula'].count('{') == row['formula'].count('}'), row


@pytest.mark.parametrize('page', sorted(DOCS.rglob('*.md')) + [REPO / 'README.md'], ids=lambda p: p.stem)
def test_roles_name_what_there_is(page):
    for name in ROLE.findall(page.read_text(encoding='utf-8')):
        resolve(name)


@pytest.mark.parametrize('page', sorted((DOCS / 'methods').glob('*.md')), ids=lambda path: path.stem)
def test_files_that_are_named_exist(page):
    text = page.read_text(encoding='utf-8')
    names = re.findall(r'`([\w./-]+/[\w.-]+\.(?:py|md|txt))`', text)
    names += re.findall(r'\b((?:configs|tools)/[\w./-]+\.(?:py|md|txt))', text)
    names += re.findall(r'vosplug (?:train|test|label) ([\w./-]+\.py)', text)
    for name in names:
        assert (REPO / name).is_file() or (REPO / 'configs' / name).is_file(), name


@by_name
def test_settings_are_those_of_the_configs(page):
    rows = table(page, 'Settings')
    for row in rows:
        expected = ast.literal_eval(row['value'].strip('`'))
        key = row['key'].strip('`')
        role = ROLE.fullmatch(row['config'])
        if role:
            found = inspect.signature(resolve(role[1])).parameters[key].default
        else:
            found = value_at(config(row['config'].strip('`')), key)
        assert plain(found) == plain(expected), row


@by_name
def test_keys_of_equations_belong_to_a_config_that_is_named(page):
    text = section(page, 'Equations and code')
    named = re.findall(r'`(\w+/[\w.-]+\.py)`', text.split('\n|')[0])
    assert named
    for row in table(page, 'Equations and code'):
        for key in re.findall(r'`([\w.]+)`', row['key']):
            # the last part may be an option that the config leaves at its default
            parent = key.rpartition('.')[0]
            assert not parent or any(_has(config(name), parent) for name in named), key


def _has(tree: Any, key: str) -> bool:
    try:
        value_at(tree, key)
    except (KeyError, IndexError):
        return False
    return True


@by_name
def test_commands_end_in_the_checkpoint_that_training_leaves(page):
    trained = re.findall(r'work_dirs/([\w.-]+)/iter_(\d+)\.pth', section(page, 'Run it'))
    assert trained
    for name, iterations in trained:
        [path] = (REPO / 'configs').glob(f'*/{name}.py')
        cfg = config(path.relative_to(REPO / 'configs').as_posix())
        assert cfg.train_cfg.max_iters == int(iterations), name
