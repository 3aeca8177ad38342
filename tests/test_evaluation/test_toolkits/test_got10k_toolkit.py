"""The GOT-10k toolkit computes our numbers from our files."""

import json
from pathlib import Path

import numpy as np
import pytest
from toolkit_data import INSTALL, LENGTH, SIZE, track, write_got10k

from vosplug.evaluation import evaluate_folders
from vosplug.formats.box_text import read_boxes, write_boxes

pytestmark = pytest.mark.slow


def report(root: Path, results: Path, tracker: str) -> dict[str, float]:
    """AO, SR0.5 and SR0.75 by the toolkit."""
    experiments = pytest.importorskip('got10k.experiments', reason=INSTALL)
    experiment = experiments.ExperimentGOT10k(str(root), 'val', str(results), str(results / 'reports'))
    overall = experiment.report([tracker])[tracker]['overall']
    return {'AO': overall['ao'], 'SR0.5': overall['sr'], 'SR0.75': overall['succ_curve'][75]}


def test_the_toolkit_gives_the_numbers_of_a_run(tmp_path):
    pytest.importorskip('got10k', reason=INSTALL)
    names = write_got10k(tmp_path / 'data')
    gt, results = tmp_path / 'data' / 'val', tmp_path / 'results'
    track('got10k', gt, '', tmp_path / 'run', results / 'GOT-10k' / 'ours')
    expected = report(tmp_path / 'data', results, 'ours')
    in_run = json.loads((tmp_path / 'run' / 'scores.json').read_text())['global']
    # a run holds the true boxes as float32
    assert in_run == pytest.approx(expected, abs=1e-6)
    for folder in (tmp_path / 'run' / 'ours', results / 'GOT-10k' / 'ours'):
        assert evaluate_folders('got10k', gt, folder).overall == pytest.approx(expected, abs=1e-12)
    assert all(0.2 < value < 0.9 for value in expected.values()), expected
    first = read_boxes(results / 'GOT-10k' / 'ours' / names[0] / f'{names[0]}_001.txt')[0]
    assert np.allclose(first, read_boxes(gt / names[0] / 'groundtruth.txt')[0], atol=1e-3)


def test_boxes_outside_the_image_count_as_in_the_toolkit(tmp_path):
    pytest.importorskip('got10k', reason=INSTALL)
    rng = np.random.default_rng(0)
    results = tmp_path / 'results'
    for name in write_got10k(tmp_path / 'data'):
        true = read_boxes(tmp_path / 'data' / 'val' / name / 'groundtruth.txt')
        boxes = true + rng.normal(0, 6, true.shape)
        boxes[5:8] = [SIZE[1] + 4, 3, 8, 8], [-30, -9, 20, 5], [0, 0, *SIZE[::-1]]
        write_boxes(
            results / 'GOT-10k' / 'noisy' / name / f'{name}_001.txt', np.maximum(boxes, [-50, -50, 0, 0])
        )
        (results / 'GOT-10k' / 'noisy' / name / f'{name}_time.txt').write_text('0.1\n' * LENGTH)
    expected = report(tmp_path / 'data', results, 'noisy')
    ours = evaluate_folders('got10k', tmp_path / 'data' / 'val', results / 'GOT-10k' / 'noisy').overall
    assert ours == pytest.approx(expected, abs=1e-12) and 0 < expected['SR0.75'] < expected['AO'] < 0.9


def test_true_boxes_without_area_count_as_in_the_toolkit(tmp_path):
    pytest.importorskip('got10k', reason=INSTALL)
    gt, results = tmp_path / 'data' / 'val', tmp_path / 'results'
    for name in write_got10k(tmp_path / 'data'):
        boxes = read_boxes(gt / name / 'groundtruth.txt')
        boxes[5, 2:] = boxes[8, 2] = 0
        write_boxes(gt / name / 'groundtruth.txt', boxes, 4)
    track('got10k', gt, '', tmp_path / 'run', results / 'GOT-10k' / 'ours')
    expected = report(tmp_path / 'data', results, 'ours')
    in_run = json.loads((tmp_path / 'run' / 'scores.json').read_text())['global']
    assert in_run == pytest.approx(expected, abs=1e-6)
    found = evaluate_folders('got10k', gt, results / 'GOT-10k' / 'ours').overall
    assert found == pytest.approx(expected, abs=1e-12)
