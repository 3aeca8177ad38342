"""The ``vosplug`` command: help, errors and exit codes, machine-readable results."""

import json
import os
import re
import subprocess
import sys

import pytest
from small_box2seg import write_boxed_videos
from small_data import make_masks

from vosplug.cli import COMMANDS, execute, main, make_parser
from vosplug.errors import VOSError
from vosplug.evaluation.protocols import PROTOCOLS
from vosplug.evaluation.submission import BENCHMARKS
from vosplug.version import __version__


@pytest.fixture
def boxed(tmp_path, monkeypatch):
    """Arguments of ``vosplug label`` for two small videos, in ``tmp_path``."""
    write_boxed_videos(tmp_path, {name: make_masks(3) for name in ('bear', 'cat')})
    (tmp_path / 'filled.py').write_text("model = dict(type='FilledBoxInitializer')\n")
    monkeypatch.chdir(tmp_path)
    return ['label', 'filled.py', '--videos', 'videos', '--boxes', 'boxes.csv', '--out', 'labels']


@pytest.mark.parametrize('command', COMMANDS)
def test_help_of_every_command_has_an_example_that_can_be_parsed(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, '--help'])
    text = capsys.readouterr().out
    assert ended.value.code == 0 and f'example:\n  vosplug {command} ' in text
    example = text.partition('example:\n')[2].split()
    assert make_parser().parse_args(example[1:]).command == command


def test_names_in_help_exist(capsys):
    for command, known in (('eval', PROTOCOLS), ('submit', BENCHMARKS)):
        with pytest.raises(SystemExit):
            main([command, '--help'])
        words = ' '.join(capsys.readouterr().out.split())
        assert set(re.search(r'such as (\w+) or (\w+); an unknown name', words).groups()) <= set(known)


def test_help_needs_neither_torch_nor_mmengine():
    code = (
        'import sys; from vosplug.cli import make_parser; make_parser().format_help(); '
        'print({"torch", "mmengine", "cv2", "matplotlib"} & set(sys.modules))'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'set()' and not done.stderr


def test_version_and_completion(capsys):
    with pytest.raises(SystemExit):
        main(['--version'])
    assert capsys.readouterr().out == f'vosplug {__version__}\n'
    with pytest.raises(SystemExit):
        main(['--print-completion', 'bash'])
    assert '--min-iou' in capsys.readouterr().out


def test_wrong_arguments_exit_with_2(capsys):
    for argv in ([], ['fly'], ['label']):
        with pytest.raises(SystemExit) as ended:
            main(argv)
        assert ended.value.code == 2


def test_a_dict_as_an_option_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as ended:
        main(['test', 'stm/stm_tiny_synthetic-box.py', '--cfg-options', 'custom_hooks=[dict(a=1, b=2)]'])
    assert ended.value.code == 2 and 'give a dict key by key' in capsys.readouterr().err


def test_errors_of_the_user_are_a_line_and_code_1(boxed, capsys):
    done = subprocess.run(
        [sys.executable, '-m', 'vosplug', *boxed, '--boxes', 'none.csv'], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith('AnnotationError: none.csv: ') and 'Traceback' not in done.stderr


def test_boxes_that_are_skipped_are_counted_by_reason(boxed, tmp_path, capsys):
    main(boxed)
    assert 'skipped' not in capsys.readouterr().err
    table = tmp_path / 'boxes.csv'
    table.write_text(table.read_text().replace('cat,0000', 'cat,'))  # numbers in place of names
    main(boxed)
    assert capsys.readouterr().err == (
        'warning: 6 of 12 boxes were skipped (frame missing or damaged), such as that of object 3 in frame '
        "'0' of cat; manifest.csv lists all.\n"
    )


@pytest.mark.parametrize(
    'arguments',
    [
        ['demo', '--web', '--port', '0'],
        ['track', 'clip.mp4', '--box', '1@0:1,2,3,4', '--out', 'out', '--box-model', 'sta-tiny'],
    ],
)
def test_a_model_that_does_not_track_is_named(arguments):
    with pytest.raises(SystemExit, match='^ConfigError: Box2Seg does not track objects'):
        main([*arguments, '--model', 'box2seg-tiny'])


def test_an_interruption_exits_with_130(capsys):
    class Interrupted:
        @staticmethod
        def run(args):
            raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        execute(Interrupted, None)
    assert ended.value.code == 130 and capsys.readouterr().err == 'interrupted\n'


def test_json_is_the_only_output(boxed, capsys):
    main([*boxed, '--json'])
    out = capsys.readouterr()
    assert json.loads(out.out)['Masks'] == 12 and 'videos made' in out.err


def test_json_of_evaluation(boxed, capsys):
    main(boxed)
    capsys.readouterr()
    main(
        [
            'eval',
            '--protocol',
            'davis2017',
            '--gt',
            'labels/Annotations',
            '--pred',
            'labels/Annotations',
            '--json',
        ]
    )
    assert json.loads(capsys.readouterr().out)['global']['J&F-Mean'] == 1


def test_exit_code_of_a_refused_submission(boxed, tmp_path, capsys):
    main(boxed)
    capsys.readouterr()
    (tmp_path / 'labels/Annotations/cat/00001.png').unlink()
    gt = ['--gt', 'labels/Annotations', '--frames', 'videos', '--check', '--json']
    with pytest.raises(SystemExit) as ended:
        main(['submit', 'davis2017', 'labels/Annotations', *gt])
    assert ended.value.code == 1
    assert '00001.png' in json.loads(capsys.readouterr().out)['problems'][0]


def test_names_that_cannot_be_encoded_are_printed_escaped():
    code = (
        'import types; from vosplug.cli import execute; '
        'execute(types.SimpleNamespace(run=lambda args: print("one\\udce9")), None)'
    )
    strict = {**os.environ, 'PYTHONIOENCODING': 'utf-8:strict'}
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, env=strict)
    assert done.returncode == 0 and done.stdout == 'one\\udce9\n', done.stderr


def test_unknown_errors_keep_their_traceback(capsys):
    class Broken:
        @staticmethod
        def run(args):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        execute(Broken, None)
    assert not issubclass(ZeroDivisionError, VOSError)
