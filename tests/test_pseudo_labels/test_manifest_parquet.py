"""The manifest as Parquet: the same rows as CSV, in partitions that are written once."""

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from small_box2seg import FINE_TUNE, build_box2seg
from small_factory import box_factory, tree, write_four_videos

from vosplug.errors import AnnotationError, ConfigError
from vosplug.models import Box2SegInitializer
from vosplug.pseudo_labels import (
    Labeller,
    ManualMasks,
    Rules,
    Shard,
    manifest_numbers,
    manifest_parquet,
    write_numbers,
    write_quality,
)
from vosplug.pseudo_labels.output import MANIFEST

dataset = pytest.importorskip('pyarrow.dataset', reason='needs pyarrow')


@pytest.fixture
def root(tmp_path) -> Path:
    return write_four_videos(tmp_path)


def run(root: Path, out: str = 'out', count: int = 1, chunk: int = 3, **options) -> None:
    for index in range(count):
        factory, videos = box_factory(root, out, manifest='parquet', chunk=chunk, **options)
        factory.make_all(videos, shard=Shard(index, count))
        done = factory.finalize(videos, count)
    assert done == []


def rows(out: Path) -> list[dict]:
    return dataset.dataset(out / 'manifest').to_table().to_pylist()


def test_rows_are_those_of_the_csv(root):
    shutil.copytree(root / 'truth' / 'bear', root / 'manual' / 'bear')
    options = dict(
        labeller=Labeller(Box2SegInitializer(build_box2seg()), FINE_TUNE),
        rules=Rules(listed=frozenset([('wolf', 3, '00002')])),
        manual=ManualMasks(root / 'manual'),
    )
    run(root, **options)
    factory, videos = box_factory(root, 'csv', **options)
    factory.make_all(videos)
    listed = factory.finalize(videos)
    expected = list(csv.DictReader((root / 'csv' / 'manifest.csv').open()))
    found = [{**row, 'object': str(row['object']), 'score': score(row)} for row in rows(root / 'out')]
    assert found == expected and tuple(found[0]) == MANIFEST
    assert any(row['score'] is None for row in rows(root / 'out'))  # manual masks
    counts = Counter((row['source'], row['status']) for row in expected)
    assert manifest_numbers(root / 'out') == counts and len(counts) >= 3
    numbers = write_numbers(root / 'out')
    assert numbers == write_quality(root / 'csv', videos, listed)
    assert json.loads((root / 'out' / 'quality.json').read_text()) == {'labels': numbers}
    masks = {name: data for name, data in tree(root / 'csv').items() if name.startswith('Annotations')}
    assert masks == {k: data for k, data in tree(root / 'out').items() if k.startswith('Annotations')}


def score(row: dict) -> str:
    return '' if row['score'] is None else f'{row["score"]:.4f}'


@pytest.mark.parametrize('count', [2, 5])
def test_partitions_do_not_depend_on_the_number_of_shards(root, count):
    run(root, 'whole')
    run(root, count=count)
    assert tree(root / 'out') == tree(root / 'whole')
    names = {path.name for path in (root / 'out').iterdir()}
    assert names == {'Annotations', 'manifest', 'work'}  # no file of the whole set


def test_a_partition_is_written_again_only_if_its_labels_changed(root):
    run(root)
    parts = sorted((root / 'out' / 'manifest').iterdir())
    assert [path.name for path in parts] == ['part-00000000.parquet', 'part-00000001.parquet']
    before = [path.stat().st_ino for path in parts]
    run(root)
    assert [path.stat().st_ino for path in parts] == before
    run(root, rules=Rules(listed=frozenset([('wolf', 3, '00000')])))  # in the second
    after = [path.stat().st_ino for path in parts]
    assert after[0] == before[0] and after[1] != before[1]


@pytest.mark.parametrize('damage', [b'', b'PAR1', None])
def test_a_damaged_partition_is_made_again(root, damage):
    run(root)
    before = tree(root / 'out')
    path = root / 'out' / 'manifest' / 'part-00000001.parquet'
    path.write_bytes(path.read_bytes()[:-30] if damage is None else damage)
    run(root)
    assert tree(root / 'out') == before
    path.unlink()
    factory, videos = box_factory(root, manifest='parquet', chunk=3)
    assert factory.finalize(videos) == []
    assert tree(root / 'out') == before


def test_partitions_of_an_earlier_division_are_removed(root):
    run(root, chunk=1)
    assert len(list((root / 'out' / 'manifest').iterdir())) == 4
    run(root, chunk=2)
    run(root, 'fresh', chunk=2)
    assert tree(root / 'out') == tree(root / 'fresh')


def test_many_rows_are_written_in_groups(root, monkeypatch):
    run(root, 'whole')
    monkeypatch.setattr(manifest_parquet, '_ROWS', 5)
    run(root)
    assert rows(root / 'out') == rows(root / 'whole')


def test_no_manifest_is_named(root):
    with pytest.raises(AnnotationError, match='cannot be read'):
        manifest_numbers(root / 'nowhere')
    run(root)
    (root / 'out' / 'manifest' / 'part-00000001.parquet').write_bytes(b'no table')
    with pytest.raises(AnnotationError, match='cannot be read'):
        manifest_numbers(root / 'out')


@pytest.mark.parametrize('options', [dict(manifest='sqlite'), dict(manifest='parquet', chunk=0)])
def test_wrong_options_are_named(root, options):
    with pytest.raises(ConfigError, match="expected 'csv' or 'parquet'"):
        box_factory(root, **options)


def test_duckdb_reads_the_partitions(root):
    duckdb = pytest.importorskip('duckdb', reason='needs duckdb')
    run(root)
    found = duckdb.sql(f"select count(*), min(score) from '{root}/out/manifest/*.parquet'").fetchall()
    assert found == [(len(rows(root / 'out')), 1.0)]
