"""Curves of trainings: every logged number once, resumed runs in one piece."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vosplug.analysis import training_curves
from vosplug.analysis.training_curves import read_runs, read_scalars, write_training_curves
from vosplug.errors import ConfigError

TOOL = Path(__file__).parents[2] / 'tools/analysis_tools/training_curves.py'


def log(work_dir: Path, time: str, values: dict[int, float], name: str = 'loss') -> None:
    path = work_dir / time / 'vis_data/scalars.json'
    path.parent.mkdir(parents=True)
    lines = [json.dumps({name: v, 'time': 0.5, 'iter': s, 'step': s}) for s, v in values.items()]
    path.write_text('\n'.join(lines) + '\n')


def test_a_resumed_run_is_one_curve(tmp_path):
    log(tmp_path, '20260101_000001', {10: 3.0, 20: 2.0, 30: 9.0})
    log(tmp_path, '20260101_000002', {30: 1.5, 40: 1.0})
    curves = read_scalars(tmp_path)
    assert curves['loss'] == {10: 3.0, 20: 2.0, 30: 1.5, 40: 1.0}
    assert set(curves) == {'loss', 'time'}


def test_nothing_logged_and_damaged_logs_are_named(tmp_path):
    with pytest.raises(ConfigError, match='scalars.json'):
        read_scalars(tmp_path)
    log(tmp_path, 'a', {1: 1.0})
    (tmp_path / 'a/vis_data/scalars.json').write_text('{"loss": 1, "step": 1}\n{"loss": 2')
    with pytest.raises(ConfigError, match='line 2'):
        read_scalars(tmp_path)


def rows_of(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Rows of the pixels of a colour, below the legend."""
    below = picture[picture.shape[0] // 8 :, :, :3].astype(int)
    return np.nonzero(np.abs(below - colour).max(-1) < 40)[0]


def test_every_run_is_a_line_of_its_own_in_a_panel(tmp_path):
    """The second run of a panel is drawn, in its colour, where its values are: below the first."""
    one, two = {'loss': {1: 2.0, 9: 1.8}}, {'loss': {1: 0.6, 9: 0.5}}
    pictures = []
    for name, runs in (('a', {'one': one}), ('b', {'one': one, 'two': two})):
        write_training_curves(tmp_path / f'{name}.png', runs)
        pictures.append(np.asarray(Image.open(tmp_path / f'{name}.png')))
    blue, orange = (31, 119, 180), (255, 127, 14)
    assert len(rows_of(pictures[0], orange)) == 0 and len(rows_of(pictures[0], blue)) > 50
    assert len(rows_of(pictures[1], orange)) > 50
    assert rows_of(pictures[1], orange).min() > rows_of(pictures[1], blue).max()


def test_every_name_has_a_panel(tmp_path):
    one, two = {'loss': {1: 2.0, 9: 1.0}}, {'loss': {1: 2.0, 9: 1.5}, 'loss_b': {1: 0.0, 9: 0.3}}
    pictures = []
    for name, runs in (('a', {'one': one}), ('b', {'one': one, 'two': two})):
        write_training_curves(tmp_path / f'{name}.png', runs)
        pictures.append(np.asarray(Image.open(tmp_path / f'{name}.png')))
    # two panels beside each other instead of one
    assert pictures[1].shape[1] > 1.5 * pictures[0].shape[1]
    assert sorted(p.name for p in tmp_path.iterdir()) == ['a.png', 'b.png']


def test_losses_that_stay_zero_are_left_out_and_unknown_names_refused(tmp_path):
    runs = {'one': {'loss_a': {1: 0.0, 2: 0.0}, 'lr': {1: 1e-3}}}
    with pytest.raises(ConfigError, match='a loss'):
        write_training_curves(tmp_path / 'a.png', runs)
    with pytest.raises(ConfigError, match='loss_c'):
        write_training_curves(tmp_path / 'a.png', runs, ['loss_c'])
    write_training_curves(tmp_path / 'a.png', runs, ['lr'])
    assert (tmp_path / 'a.png').exists()


def test_the_tool_takes_runs_of_one_name(tmp_path):
    for place in ('x', 'y'):
        log(tmp_path / place / 'run', 'a', {1: 1.0, 2: 0.5})
    command = [sys.executable, TOOL, tmp_path / 'x/run', tmp_path / 'y/run', '--out', tmp_path / 'c.png']
    subprocess.run(command, check=True)
    assert (tmp_path / 'c.png').exists()
    failed = subprocess.run(
        [*command[:2], tmp_path, '--out', tmp_path / 'd.png'], capture_output=True, text=True
    )
    assert failed.returncode == 1 and 'scalars.json' in failed.stderr and 'Traceback' not in failed.stderr


def panels_of(runs: dict, monkeypatch, path: Path, names=None) -> list[tuple[str, str]]:
    """Labels of the axes of every panel."""
    drawn = []

    class Figure(training_curves.Figure):
        def savefig(self, *args, **kwargs):
            drawn.extend((a.get_xlabel(), a.get_ylabel()) for a in self.axes if a.axison)
            super().savefig(*args, **kwargs)

    monkeypatch.setattr(training_curves, 'Figure', Figure)
    write_training_curves(path, runs, names)
    return drawn


def test_axes_have_labels_and_the_only_loss_is_not_drawn_twice(tmp_path, monkeypatch):
    one = {'run': {'loss': {1: 2.0, 2: 1.0}, 'loss_ce': {1: 2.0, 2: 1.0}, 'lr': {1: 0.1, 2: 0.2}}}
    assert panels_of(one, monkeypatch, tmp_path / 'a.png') == [('iteration', 'loss_ce')]
    two = {'run': {'loss': {1: 3.0}, 'loss_ce': {1: 2.0}, 'loss_box': {1: 1.0}}}
    names = [name for _, name in panels_of(two, monkeypatch, tmp_path / 'b.png')]
    assert names == ['loss', 'loss_ce', 'loss_box']
    assert panels_of(one, monkeypatch, tmp_path / 'c.png', ['lr', 'loss'])[1] == ('iteration', 'loss')


def test_a_log_file_is_a_run_named_by_its_folder(tmp_path):
    log(tmp_path / 'first', 'a', {1: 1.0, 2: 0.5})
    log(tmp_path / 'second', 'a', {1: 2.0})
    files = [tmp_path / name / 'a/vis_data/scalars.json' for name in ('first', 'second')]
    runs = read_runs(files)
    assert list(runs) == ['first', 'second'] and runs['first']['loss'] == {1: 1.0, 2: 0.5}
    assert list(read_runs(files, ['x', 'y'])) == ['x', 'y']
    with pytest.raises(ConfigError, match='labels'):
        read_runs(files, ['x', 'x'])
