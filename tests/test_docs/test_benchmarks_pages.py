"""The pages of benchmarks: what they name exists, and nothing is described twice or not at all."""

import inspect
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from doc_shell import run_script
from small_data import make_masks, write_segtrack, write_youtube_objects

import vosplug.datasets
from vosplug.config import load_config
from vosplug.datasets import MixtureDataset, SegTrackV2Dataset
from vosplug.evaluation import evaluate_folders
from vosplug.evaluation.protocols import PROTOCOLS
from vosplug.evaluation.submission import BENCHMARKS
from vosplug.formats import write_id_mask
from vosplug.registry import DATASETS

REPO = Path(__file__).parents[2]
INDEX = REPO / 'docs' / 'benchmarks' / 'index.md'
PAGES = sorted(path for path in INDEX.parent.glob('*.md') if path != INDEX)
SECTIONS = [
    'What it is',
    'Get the data',
    'Train and test',
    'Score a folder of masks',
    'Protocol',
    'Submit',
    'Measured results',
]
OPTIONAL = {'Submit'}
WITHOUT_DATA = {'pseudo_label': {'Get the data', 'Train and test', 'Submit'}}
PARTS = REPO / 'configs' / '_base_' / 'datasets'
ROOT = re.compile(r'`([A-Z0-9_]+_ROOT)`\s\(`([\w/]+)`\)')
by_page = pytest.mark.parametrize('page', PAGES, ids=lambda path: path.stem)


def section(page: Path, title: str) -> str:
    """Text of a section; '' if the page has none of that title."""
    found = re.search(rf'^## {title}\n(.*?)(?=^## |\Z)', page.read_text(encoding='utf-8'), re.M | re.S)
    return found[1] if found else ''


def rows(text: str) -> list[list[str]]:
    """Cells of the tables in a text, without the lines below their heads."""
    lines = [line for line in text.splitlines() if line.startswith('|') and not line.startswith('|---')]
    return [[cell.strip() for cell in line.strip('|').split(' |')] for line in lines]


def quoted(text: str) -> list[str]:
    return re.findall(r'`([^`]+)`', text)


def protocols_of(page: Path) -> list[str]:
    return [name for row in rows(section(page, 'Protocol'))[1:] for name in quoted(row[0])]


def benchmark_datasets() -> list[str]:
    """Registered datasets that docs/datasets.md does not describe."""
    ours = [
        name
        for name, kind in DATASETS.module_dict.items()
        if kind.__module__.startswith(vosplug.datasets.__name__) and kind is not MixtureDataset
    ]
    table = rows((REPO / 'docs' / 'datasets.md').read_text(encoding='utf-8'))
    others = {name for row in table for name in quoted(row[0])}
    return [name for name in ours if name not in others]


@cache
def page_of(dataset: str) -> Path:
    [page] = [page for page in PAGES if f'`{dataset}`' in section(page, 'Get the data')]
    return page


def datasets_in(value: Any) -> Iterator[dict]:
    """Datasets of benchmarks anywhere in a config."""
    if isinstance(value, dict):
        if value.get('type') in benchmark_datasets():
            yield value
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for part in value:
        yield from datasets_in(part)


@pytest.fixture
def no_roots(monkeypatch):
    for name in re.findall(r'\$([A-Z0-9_]+_ROOT)', ''.join(p.read_text() for p in PARTS.glob('*.py'))):
        monkeypatch.delenv(name, raising=False)


@by_page
def test_sections_come_in_order(page):
    found = re.findall(r'^## (.*)$', page.read_text(encoding='utf-8'), re.M)
    needless = OPTIONAL | WITHOUT_DATA.get(page.stem, set())
    assert found == [title for title in SECTIONS if title in found]
    assert set(SECTIONS) - set(found) <= needless
    assert ('Submit' in found) == any(name in BENCHMARKS for name in protocols_of(page))


def test_every_protocol_stands_on_one_page():
    ours = [name for name, build in PROTOCOLS.items() if build.__module__.startswith('vosplug.')]
    assert sorted(name for page in PAGES for name in protocols_of(page)) == sorted(ours)
    text = (REPO / 'docs' / 'evaluation.md').read_text(encoding='utf-8')
    table = rows(re.search(r'^## Protocols\n(.*?)^#', text, re.M | re.S)[1])[1:]
    for names, _, links in table:
        targets = [PAGES[0].parents[1] / link for link in re.findall(r'\(([\w./]+)#protocol\)', links)]
        assert sorted(quoted(names)) == sorted(
            {*quoted(names)} & {n for p in targets for n in protocols_of(p)}
        )
    assert sorted(name for names, *_ in table for name in quoted(names)) == sorted(ours)


def test_every_dataset_of_a_benchmark_stands_on_one_page():
    datasets = benchmark_datasets()
    assert len(datasets) >= 11
    assert all(page_of(name) for name in datasets)


def test_options_of_protocols_are_those_of_the_code():
    for page in PAGES:
        for name in protocols_of(page):
            options = inspect.signature(PROTOCOLS[name]).parameters
            command = re.search(rf'--protocol {name} (?:.|\\\n)*', section(page, 'Score a folder of masks'))
            assert command, f'{page.name}: no command scores {name}'
            given = re.search(r'--set ([^`]*)', command[0])
            for option in re.findall(r'(?:^|\s)(\w+)=', given[1]) if given else ():
                assert option in options, (page.name, option)


def test_roots_are_those_of_the_configs(no_roots):
    text = ''.join(path.read_text(encoding='utf-8') for path in PARTS.glob('*.py'))
    defaults = dict(re.findall(r'\{\{\$([A-Z0-9_]+_ROOT):([^}]+)\}\}', text))
    roots = {}
    for page in PAGES:
        for name, default in ROOT.findall(section(page, 'Get the data')):
            assert defaults.get(name) == default, (page.name, name)
            assert roots.setdefault(name, page) == page, f'{name} stands on two pages'
        for name in set(re.findall(r'[A-Z0-9_]+_ROOT', page.read_text(encoding='utf-8'))):
            assert name in defaults, (page.name, name)
    for path in sorted(PARTS.glob('*.py')):
        for dataset in datasets_in(load_config(str(path))):
            named = [n for n, page in roots.items() if page == page_of(dataset.get('type'))]
            assert any(dataset['data_root'].startswith(defaults[name]) for name in named), (
                path.name,
                dataset,
            )


def test_the_index_lists_what_the_pages_describe(no_roots):
    table = rows(INDEX.read_text(encoding='utf-8'))[1:]
    assert sorted(re.search(r'\((\w+)\.md\)', row[0])[1] for row in table) == [page.stem for page in PAGES]
    assert sorted(name for row in table for name in quoted(row[4])) == sorted(BENCHMARKS)
    for link, dataset, root, tests, submissions in table:
        page = INDEX.parent / re.search(r'\((.*)\)', link)[1]
        assert set(quoted(submissions)) <= set(protocols_of(page))
        assert set(ROOT.findall(root)) <= set(ROOT.findall(section(page, 'Get the data')))
        for name in quoted(tests):
            tested = load_config(str(PARTS / f'{name}.py')).test_dataloader.dataset
            assert [tested.type] == quoted(dataset), name
            assert any(tested.data_root.startswith(default) for _, default in ROOT.findall(root)), name


@by_page
def test_files_and_parts_that_are_named_exist(page):
    text = page.read_text(encoding='utf-8')
    for name in re.findall(r'`(tests/[\w./-]+\.py)`', text):
        assert (REPO / name).is_file(), name
    for name in re.findall(r'golden\s`(\w+)`', text):
        assert (REPO / 'tests' / 'data' / 'goldens' / f'{name}.json').is_file(), name
    for name in set(re.findall(r'(?<![\w/])([a-z0-9_]+/[\w*-]+\.py)', text)):
        assert [*(REPO / 'configs').glob(name)] or [*(REPO / 'tools').glob(name)], name
    for row in rows(section(page, 'Train and test')):
        assert all(
            (PARTS / f'{name}.py').is_file() for name in quoted(row[0]) if name != '_base_/datasets'
        ), row


@by_page
def test_checkpoints_are_those_that_training_leaves(page):
    for name, iterations in re.findall(r'work_dirs/([\w.-]+)/iter_(\d+)\.pth', page.read_text()):
        [path] = (REPO / 'configs').glob(f'*/{name}.py')
        assert load_config(str(path)).train_cfg.max_iters == int(iterations), name


@pytest.mark.slow
def test_every_config_is_named_where_it_trains_and_tests():
    for path in sorted((REPO / 'configs').glob('[!_]*/*.py')):
        config, name = load_config(str(path)), f'{path.parent.name}/{path.name}'
        used = [*datasets_in(config.get('train_dataloader')), *datasets_in(config.get('test_dataloader'))]
        for dataset in used:
            page = page_of(dataset['type'])
            patterns = re.findall(r'`([\w*]+/[\w*-]+\.py|\*[\w*]+\.py)`', section(page, 'Train and test'))
            assert any(fnmatch(name, pattern) for pattern in patterns), (page.name, name)


def ground_truth(name: str) -> None:
    """Write the masks of a benchmark as its page does."""
    command = f'tools/dataset_converters/ground_truth.py _base_/datasets/{name}.py truth/{name}'
    assert f'python {command}\n' in (INDEX.parent / f'{name}.md').read_text()
    script, *arguments = command.split()
    run_script(script, arguments)


def test_masks_of_any_benchmark_can_be_written_and_scored(tmp_path, monkeypatch):
    masks = make_masks(12, (1, 2))
    write_segtrack(tmp_path / 'segtrack', {'bmx': {i: masks == i for i in (1, 2)}, 'girl': {1: masks == 1}})
    write_youtube_objects(tmp_path / 'objects', {'cow/0001/001': masks == 1})
    monkeypatch.setenv('SEGTRACK_V2_ROOT', str(tmp_path / 'segtrack'))
    monkeypatch.setenv('YOUTUBE_OBJECTS_ROOT', str(tmp_path / 'objects'))
    monkeypatch.chdir(tmp_path)
    ground_truth('segtrack_v2')
    ground_truth('youtube_objects')
    # as --out writes the masks of a run: with the ids of the dataset
    dataset = SegTrackV2Dataset(str(tmp_path / 'segtrack'), separate_objects=True, test_mode=True)
    for k in range(len(dataset)):
        video = dataset[k]['data_samples']
        for t, name in enumerate(video.source.frame_names):
            mask = video.annotation.mask(t if video.name != 'bmx/2' else 0)
            write_id_mask(Path('masks', video.name, f'{name}.png'), mask)
    scores = evaluate_folders('segtrack_v2', 'truth/segtrack_v2', 'masks').per_object
    assert scores['bmx/1'][1]['J-Mean'] == scores['girl'][1]['J-Mean'] == 1
    assert 0 < scores['bmx/2'][2]['J-Mean'] < 1
    written = 'truth/youtube_objects/cow/0001/001'
    assert sorted(path.name for path in Path(written).iterdir()) == ['00001.png', '00011.png']
    assert (
        evaluate_folders('youtube_objects', 'truth/youtube_objects', 'truth/youtube_objects').overall['mIoU']
        == 1
    )
