"""What `vosplug doctor` finds, and what it tells to do."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from vosplug.analysis import doctor
from vosplug.cli import doctor as command


def by_name(checks) -> dict:
    return {check.name: check for check in checks}


def args(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(words)


def test_a_working_installation_has_no_errors(tmp_path, monkeypatch, capsys):
    for variable in ('MOBILENETV2_WEIGHTS', 'DAVIS2016_ROOT'):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    assert command.run(args('--json')) == 0
    found = json.loads(capsys.readouterr().out)
    checks = {check['name']: check for check in found['checks']}
    assert found['ok'] and checks['torch']['status'] == checks['mmcv']['status'] == 'ok'
    assert checks['MOBILENETV2_WEIGHTS']['status'] == 'warning'
    assert 'https://download.pytorch.org' in checks['MOBILENETV2_WEIGHTS']['advice']
    assert checks['models of vosplug']['found'].count('tiny') == 6
    assert 'DAVIS2016_ROOT' in checks['others']['found']


def test_every_line_that_is_not_ok_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv('MOBILENETV2_WEIGHTS', 'nowhere.pth')
    monkeypatch.setenv('DAVIS2016_ROOT', 'nowhere')
    assert command.run(args('--work-dir', str(tmp_path / 'new'))) == 1
    text = capsys.readouterr().out
    assert 'ERROR   MOBILENETV2_WEIGHTS: nowhere.pth: no such file' in text
    assert 'ERROR   DAVIS2016_ROOT: nowhere: no such folder' in text and '2 errors' in text
    checks = doctor.examine(tmp_path)
    assert all(check.advice or check.status == 'ok' for check in checks)


def test_distributions_side_by_side_are_an_error_with_the_repair(monkeypatch):
    real = doctor.installed
    monkeypatch.setattr(
        doctor, 'installed', lambda names: {**real(names), **({'mmcv': '2.1.0'} if 'mmcv' in names else {})}
    )
    check = by_name(doctor.check_packages())['mmcv']
    assert check.status == 'error' and 'mmcv 2.1.0' in check.found
    assert 'pip uninstall -y' in check.advice and 'onedl-mmcv' in check.advice


def test_missing_and_old_packages_are_errors(monkeypatch):
    monkeypatch.setattr(doctor, 'installed', lambda names: {'torch': '2.4.1'} if 'torch' in names else {})
    checks = by_name(doctor.check_packages())
    assert checks['torch'].status == 'error' and 'torch>=2.6' in checks['torch'].advice
    assert checks['mmseg'].found == 'not installed' and 'pip install' in checks['mmseg'].advice


def test_a_package_that_cannot_be_imported_is_an_error(monkeypatch):
    def broken(name):
        raise OSError('libcudart.so.12: cannot open shared object file')

    monkeypatch.setattr(doctor.importlib, 'import_module', broken)
    (check,) = doctor.check_modules()
    assert check.status == 'error' and 'libcudart' in check.found and check.advice


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path, monkeypatch):
    assert doctor.check_writable(tmp_path / 'a/b').status == 'ok' and not (tmp_path / 'a').exists()

    def denied(dir):
        raise PermissionError(13, 'Permission denied')

    monkeypatch.setattr(doctor.tempfile, 'TemporaryFile', denied)
    check = doctor.check_writable(tmp_path)
    assert check.status == 'error' and str(tmp_path) in check.found and '--work-dir' in check.advice


def test_a_cut_model_of_the_package_is_an_error(tmp_path, monkeypatch):
    whole = next(doctor.ZOO.glob('*.safetensors')).read_bytes()
    (tmp_path / 'cut.safetensors').write_bytes(whole[:-10])
    monkeypatch.setattr(doctor, 'ZOO', tmp_path)
    check = by_name(doctor.check_weights())['models of vosplug']
    assert check.status == 'error' and 'cut.safetensors' in check.found


@pytest.mark.parametrize(('program', 'refused'), [('vosplug', False), ('-m', False), ('tool.py', True)])
def test_doctor_runs_where_other_commands_refuse_the_packages(tmp_path, program, refused):
    """With two distributions of mmcv, importing vosplug fails for all other commands."""
    info = tmp_path / 'mmcv-2.1.0.dist-info'
    info.mkdir()
    (info / 'METADATA').write_text('Metadata-Version: 2.1\nName: mmcv\nVersion: 2.1.0\n')
    code = f'import sys; sys.argv = [{program!r}, "doctor"]; import vosplug'
    paths = f'{tmp_path}:{Path(__file__).parents[2]}'
    done = subprocess.run(
        [sys.executable, '-c', code], env={'PYTHONPATH': paths}, capture_output=True, text=True
    )
    assert ('overwrite each other' in done.stderr) == refused == bool(done.returncode)
