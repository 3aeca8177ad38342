"""Which checkpoint a training continues from."""

import re
import shutil
from pathlib import Path

import pytest
import torch
from tiny_run import write_config

from vosplug.engine.resume import find_checkpoint, saved_checkpoints
from vosplug.errors import CheckpointError


def save(folder: Path, *iterations: int, last: str | None = None) -> Path:
    """A work dir with checkpoints."""
    folder.mkdir(exist_ok=True)
    for iteration in iterations:
        content = dict(meta=dict(iter=iteration), state_dict={}, optimizer={}, message_hub={})
        torch.save(content, folder / f'iter_{iteration}.pth')
    if last is not None:
        (folder / 'last_checkpoint').write_text(last)
    return folder


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def test_the_newest_is_the_one_with_the_highest_number(tmp_path):
    folder = save(tmp_path, 900, 1000, 80)
    (folder / 'best_iter_2000.pth').touch()
    assert [path.name for path in saved_checkpoints(folder)] == [
        'iter_1000.pth',
        'iter_900.pth',
        'iter_80.pth',
    ]


def test_an_empty_work_dir_has_none(tmp_path):
    assert find_checkpoint(tmp_path) is None and find_checkpoint(tmp_path / 'none') is None


def test_the_last_checkpoint_is_the_one_that_is_named(tmp_path):
    assert find_checkpoint(save(tmp_path, 2, 4, last='iter_2.pth\n')).name == 'iter_2.pth'


def test_a_work_dir_may_be_moved(tmp_path):
    old = save(tmp_path / 'old', 2, 4, last=str(tmp_path / 'old' / 'iter_4.pth'))
    moved = shutil.move(old, tmp_path / 'new')
    assert find_checkpoint(moved) == tmp_path / 'new' / 'iter_4.pth'


@pytest.fixture
def warnings(monkeypatch) -> list[str]:
    """What is logged."""
    said = []
    monkeypatch.setattr('vosplug.engine.resume.print_log', lambda message, **_: said.append(message))
    return said


@pytest.mark.parametrize(
    ('last', 'said'),
    [
        (None, 'last_checkpoint: missing'),
        ('', 'found a folder, expected a file of weights'),
        ('iter_6.pth', r'iter_6\.pth: no such checkpoint'),
        ('\x00', 'no such checkpoint|cannot be read'),
    ],
)
def test_a_damaged_last_checkpoint_falls_back_to_the_newest_with_a_warning(tmp_path, warnings, last, said):
    found = find_checkpoint(save(tmp_path, 2, 4, last=last))
    assert found.name == 'iter_4.pth'
    (message,) = warnings
    assert re.search(said, message) and 'Resuming from' in message


def test_damaged_checkpoints_are_passed_over(tmp_path, warnings):
    folder = save(tmp_path, 2, 4, 6, last='iter_6.pth')
    truncate(folder / 'iter_6.pth')
    torch.save(dict(state_dict={}), folder / 'iter_4.pth')
    assert find_checkpoint(folder).name == 'iter_2.pth'
    (message,) = warnings
    assert 'iter_6.pth: cannot be read' in message and "iter_4.pth: lacks ['message_hub'" in message


def test_without_an_intact_one_the_run_is_refused(tmp_path):
    folder = save(tmp_path, 2, last='iter_2.pth')
    truncate(folder / 'iter_2.pth')
    with pytest.raises(CheckpointError, match=r'iter_2\.pth: cannot be read .* No checkpoint of .* resumed'):
        find_checkpoint(folder)


def test_training_does_not_start_over_the_checkpoints_of_another(tool, tmp_path):
    config = write_config(tmp_path / 'tiny.py')
    folder = save(tmp_path / 'run', 2, 4)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(SystemExit, match=r'ConfigError: .*has checkpoints already, up to iter_4\.pth'):
        tool('train', config, '--work-dir', folder)
    assert all(path.read_bytes() == content for path, content in before.items())


def test_a_training_of_another_model_is_not_resumed(tool, tmp_path):
    config, folder = write_config(tmp_path / 'tiny.py'), save(tmp_path / 'run', 2)
    with pytest.raises(
        SystemExit, match=r'CheckpointError: .*iter_2\.pth: belongs to another model.*--work-dir'
    ):
        tool('train', config, '--resume', '--work-dir', folder)
