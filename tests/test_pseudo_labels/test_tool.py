"""The command line: one process, several, and what it says when something is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from small_box2seg import FINE_TUNE, build_box2seg, small_box2seg, write_boxed_videos

from vosplug.paths import config_root
from vosplug.pseudo_labels import read_recipe

TOOL = Path(__file__).parents[2] / 'tools' / 'pseudo_label.py'


@pytest.fixture(scope='module')
def root(tmp_path_factory) -> Path:
    folder = write_boxed_videos(tmp_path_factory.mktemp('tool'))
    settings = dict(batch_size=3, fine_tune=FINE_TUNE)
    (folder / 'config.py').write_text(f'model = {small_box2seg()!r}\npseudo_labels = {settings!r}\n')
    stm = config_root() / 'stm' / 'stm_tiny_synthetic-box.py'
    (folder / 'stm.py').write_text(f'_base_ = [{str(stm)!r}]\npseudo_labels = {settings!r}\n')
    torch.save(build_box2seg().state_dict(), folder / 'weights.pth')
    return folder


def command(root: Path, *args: str, config: str = 'config.py', launcher=(sys.executable,)) -> list[str]:
    names = [str(TOOL), str(root / config), str(root / 'weights.pth')]
    paths = ['--videos', str(root / 'videos'), '--boxes', str(root / 'boxes.csv')]
    return [*launcher, *names, *paths, *args]


def call(root: Path, *args: str, **kwargs):
    return subprocess.run(
        command(root, *args, **kwargs),
        env={**os.environ, 'OMP_NUM_THREADS': '1', 'MKL_NUM_THREADS': '1'},
        capture_output=True,
        text=True,
        timeout=300,
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob('*') if p.is_file()}


def test_labels_and_their_quality(root):
    done = call(
        root, '--out', str(root / 'one'), '--truth', str(root / 'truth'), '--masks', str(root / 'truth')
    )
    assert done.returncode == 0, done.stderr
    assert 'process 0: 11 of 11 boxes' in done.stdout
    assert '2 of 2 videos made' in done.stdout and 'Manual         3' in done.stdout
    assert 'J-Mean' in done.stdout and 'Recall@70' in done.stdout
    names = {path.name for path in (root / 'one').iterdir()}
    assert names == {
        'Annotations', 'decisions', 'instances.json', 'manifest.csv', 'quality.json', 'videos.txt', 'work',
        'worst.png',
    }  # fmt: skip


def test_what_was_rejected_once_stays_so_and_the_recipe_is_recorded(root):
    bad = root / 'bad.csv'
    bad.write_text('video,object,frame\nbear,3,00001\n')
    manifest = root / 'kept' / 'manifest.csv'
    for options in (['--bad', str(bad)], []):
        done = call(root, '--out', str(root / 'kept'), '--overlap', 'last', *options)
        assert done.returncode == 0, done.stderr
        ignored = [line for line in manifest.read_text().splitlines() if line.endswith('ignored,listed')]
        assert [line.split(',')[:2] + line.split(',')[3:4] for line in ignored] == [['bear', '3', '00001']]
    recipe = read_recipe(root / 'kept')
    assert (recipe.config, recipe.overlap) == (str(root / 'config.py'), 'last')
    factory = recipe.make_factory(root / 'kept')
    videos = recipe.read_videos()
    assert factory.make_all(videos) == 0  # the recipe makes the same labels


@pytest.mark.slow
def test_two_processes_make_the_same_as_one(root):
    assert call(root, '--out', str(root / 'alone')).returncode == 0
    # --standalone takes a free port
    launcher = (sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc_per_node', '2')
    done = call(root, '--out', str(root / 'both'), launcher=launcher)
    assert done.returncode == 0, done.stderr
    assert 'process 0: 1 of 1' in done.stdout and 'process 1: 1 of 1' in done.stdout
    assert tree(root / 'alone') == tree(root / 'both')


@pytest.mark.slow
def test_shards_of_a_job_array_make_the_same_as_one_call(root):
    assert call(root, '--out', str(root / 'single')).returncode == 0
    calls = [
        subprocess.Popen(
            command(root, '--out', str(root / 'array'), '--shard', f'{k}/2'),
            stdout=subprocess.PIPE,
            text=True,
        )
        for k in (1, 2)
    ]
    said = [process.communicate(timeout=300)[0] for process in calls]
    assert [process.returncode for process in calls] == [0, 0]
    assert sum('the last of 2 shards writes the files' in text for text in said) == 1
    assert tree(root / 'array') == tree(root / 'single')
    done = call(root, '--out', str(root / 'array'), '--finalize')
    assert done.returncode == 0 and 'Masks          11' in done.stdout
    assert tree(root / 'array') == tree(root / 'single')
    (root / 'array/Annotations/bear/00001.png').unlink()
    done = call(root, '--out', str(root / 'array'), '--finalize')
    assert done.returncode == 1 and 'video bear is not finished; run the same command again' in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ('args', 'config', 'message'),
    [
        (['--min-iou', '0.5'], 'config.py', 'ConfigError: min_iou: found 0.5 without ground-truth'),
        ([], 'stm.py', 'belongs to another model than STM'),
        (['--shard', '0/2'], 'config.py', "ConfigError: --shard: found '0/2', expected I/N"),
        (['--masks', 'nowhere'], 'config.py', 'AnnotationError: nowhere: no such folder of masks'),
    ],
)
def test_mistakes_are_named_without_a_traceback(root, args, config, message):
    done = call(root, '--out', str(root / 'no'), *args, config=config)
    assert done.returncode == 1 and message in done.stderr and 'Traceback' not in done.stderr
    assert not (root / 'no').exists()
