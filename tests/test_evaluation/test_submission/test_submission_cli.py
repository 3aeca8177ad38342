"""Submissions by the command line."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_data import SHARED, make_masks
from submission_data import content, names_in, write_masks

from vosplug.evaluation.submission import make_submission

REPO = Path(__file__).parents[3]
DAVIS2016 = SHARED / 'data' / 'davis2016'
OSVOS = DAVIS2016 / 'official-results' / 'osvos.zip'


def run_tool(*args) -> subprocess.CompletedProcess:
    command = [sys.executable, str(REPO / 'tools' / 'make_submission.py'), *map(str, args)]
    environment = dict(os.environ, PYTHONPATH=str(REPO))
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_the_command_line_packs_and_says_what_it_did(davis, tmp_path):
    out = tmp_path / 'out.zip'
    done = run_tool('davis2017', davis['pred_dir'], out, '--gt', davis['gt'])
    assert done.returncode == 0, done.stderr
    assert done.stdout == f'{out}: 12 files for davis2017.\n' and len(names_in(out)) == 12


def test_the_command_line_can_only_check(davis, tmp_path):
    done = run_tool('davis2017', davis['pred_dir'], '--gt', davis['gt'], '--check')
    assert done.returncode == 0 and 'nothing written' in done.stdout
    assert not list(tmp_path.rglob('*.zip'))


def test_the_command_line_lists_the_first_problems(davis, tmp_path):
    for sequence in ('a', 'b'):
        write_masks(davis['gt'] / sequence, make_masks(30))
        (davis['pred_dir'] / sequence).mkdir()
    out = tmp_path / 'out.zip'
    done = run_tool('davis2017', davis['pred_dir'], out, '--gt', davis['gt'])
    assert done.returncode == 1 and not out.exists()
    assert done.stderr.startswith('problems: 60\n') and '... and 40 more' in done.stderr
    assert done.stderr.count('frame missing') == 20


def test_the_command_line_refuses_without_a_traceback(davis, tmp_path):
    done = run_tool('davis2018', davis['pred_dir'], '--check', '--gt', davis['gt'])
    assert done.returncode == 1 and done.stderr.startswith('ConfigError: ')
    done = run_tool('davis2017', davis['pred_dir'], '--gt', davis['gt'])
    assert done.returncode == 1 and done.stderr.startswith('ConfigError: OUT.zip is missing')


def test_packing_needs_no_torch():
    code = (
        'import sys; import vosplug.evaluation.submission; '
        "sys.exit(', '.join(m for m in ('torch', 'mmengine', 'matplotlib') if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not OSVOS.is_file(), reason=f'{OSVOS} is absent; set VOSPLUG_SHARED')
def test_published_osvos_masks_can_be_submitted(tmp_path):
    names = ['car-shadow', 'libby']
    with zipfile.ZipFile(OSVOS) as archive:
        archive.extractall(tmp_path / 'pred', [m for m in archive.namelist() if m.split('/')[0] in names])
    (tmp_path / 'set.txt').write_text('\n'.join(names))
    data = dict(gt=DAVIS2016 / 'Annotations' / '480p', image_set=tmp_path / 'set.txt')
    report = make_submission('davis2016', tmp_path / 'pred', tmp_path / 'out.zip', **data)
    assert report.problems == [] and report.files == report.rewritten == 40 + 49
    # the published masks have mode 1
    picture = Image.open(io.BytesIO(content(report.out, 'libby/00010.png')))
    before = np.array(Image.open(tmp_path / 'pred' / 'libby' / '00010.png'))
    assert picture.mode == 'P' and (np.array(picture) == before).all()
