"""Submissions to VOT2020 from masks, which tools/test.py --out writes."""

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from submission_data import content, names_in, wrong

from vosplug.evaluation import evaluate_folders
from vosplug.evaluation.submission import check_submission, make_submission
from vosplug.formats import write_id_mask

SIZE = (12, 16)
PROTOCOL = dict(type='vot2020', interval=(2, 4))


@pytest.fixture
def mask_runs(vot, tmp_path) -> dict[str, Path]:
    """Masks of both runs: a square that moves right, gone in the last frame."""
    (vot['gt'] / 'ball' / 'sequence').write_text('width=16\nheight=12\n')
    folder = tmp_path / 'masks'
    for run, length in (('ball_00000000', 8), ('ball_00000005', 6)):
        for k in range(length):
            mask = np.zeros(SIZE, np.uint8)
            if k < length - 1:
                mask[3:6, 2 + k : 5 + k] = 1
            write_id_mask(folder / run / f'{k + 1:08d}.png', mask)
    return dict(pred_dir=folder, gt=vot['gt'])


def test_masks_become_the_files_of_the_toolkit(mask_runs, tmp_path):
    report = make_submission('vot2020', out=tmp_path / 'out.zip', **mask_runs)
    assert wrong(report.problems) == []
    runs = [f'baseline/ball/ball_{anchor}.txt' for anchor in ('00000000', '00000005')]
    assert names_in(report.out) == [*runs, 'manifest.yml']
    lines = content(report.out, runs[1]).decode().splitlines()
    assert lines == ['1', *(f'm{2 + k},3,3,3,0,9' for k in range(1, 5)), 'm0,0,0,0,0']
    assert b'"identifier": "masks"' in content(report.out, 'manifest.yml')


def test_the_packed_runs_score_like_the_masks(mask_runs, tmp_path):
    report = make_submission('vot2020', out=tmp_path / 'out.zip', **mask_runs)
    with zipfile.ZipFile(report.out) as archive:
        archive.extractall(tmp_path / 'results' / 'masks')
    of_masks, of_text = (
        evaluate_folders(PROTOCOL, mask_runs['gt'], folder).overall
        for folder in (mask_runs['pred_dir'], tmp_path / 'results' / 'masks')
    )
    assert of_masks == of_text and 0 < of_masks['Accuracy'] < 1


def test_wrong_masks_of_a_run_are_named(mask_runs):
    first, second = (mask_runs['pred_dir'] / f'ball_0000000{k}' for k in (0, 5))
    write_id_mask(first / '00000003.png', np.zeros((5, 5), np.uint8))
    (second / '00000006.png').unlink()
    size, count = wrong(check_submission('vot2020', **mask_runs))
    assert size.path == first and '00000003.png: mask is 5x5, its frame is 16x12' in size.what
    assert count.path == second and 'found 5 masks, expected 6: from the anchor to the end' in count.what
    shutil.rmtree(second)
    assert 'found 0 masks, expected 6' in wrong(check_submission('vot2020', **mask_runs))[1].what


def test_masks_and_runs_of_the_toolkit_exclude_each_other(mask_runs, vot):
    shutil.copytree(vot['pred_dir'] / 'baseline', mask_runs['pred_dir'] / 'baseline')
    [problem] = wrong(check_submission('vot2020', **mask_runs))
    assert problem.path.name == 'baseline' and 'found runs here and masks in' in problem.what
