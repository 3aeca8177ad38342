"""``vosplug convert``: its arguments, what it prints, and where."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from vosplug.cli import convert
from vosplug.errors import ConfigError
from vosplug.formats.exchange import FORMATS
from vosplug.formats.exchange.table import writable

DATA = Path(__file__).parents[1] / 'data' / 'annotations'


def call(*words: object) -> None:
    parser = argparse.ArgumentParser()
    convert.add_arguments(parser)
    assert convert.run(parser.parse_args([str(word) for word in words])) is None


def test_losses_are_warnings_and_nothing_goes_to_stdout(tmp_path, capsys):
    call(DATA / 'cvat_export.xml', tmp_path / 'boxes.csv')
    out, err = capsys.readouterr()
    assert out == '' and (tmp_path / 'boxes.csv').read_text().startswith('video,frame,object,x1,y1,x2,y2')
    assert 'warning: csv cannot store: 2 masks (their boxes are kept)\n' in err
    assert 'warning: csv cannot store: 1 <points> shapes of CVAT\n' in err
    assert err.endswith('boxes.csv: 1 videos, 3 objects, 6 frames, 3 boxes, 2 masks, from cvat to csv\n')


def test_json_is_one_object(tmp_path, capsys):
    call(DATA / 'tao.json', tmp_path / 'a.xml', '--json')
    out, err = capsys.readouterr()
    assert json.loads(out) == dict(
        source='tao', target='cvat', videos=1, objects=2, frames=2, boxes=3, masks=0, dropped={}
    )  # fmt: skip
    assert 'from tao to cvat' in err and out.count('\n') == 1


def test_a_size_is_width_by_height(tmp_path):
    call(DATA / 'label_studio_export.json', tmp_path / 'a.json', '--to', 'ytvis', '--size', '200x100')
    [video] = json.loads((tmp_path / 'a.json').read_text())['videos']
    assert (video['width'], video['height']) == (200, 100)
    for wrong in ('200', '0x5', '200x100x3', 'x'):
        with pytest.raises(ConfigError, match=f"--size: found '{wrong}'"):
            call(DATA / 'label_studio_export.json', tmp_path / 'b.json', '--size', wrong)


def test_the_help_names_all_formats():
    parser = argparse.ArgumentParser()
    convert.add_arguments(parser)
    text = ' '.join(parser.format_help().split())
    assert ', '.join(writable()[:-1]) + f' and {writable()[-1]}' in text.replace('- ', '-')
    assert set(FORMATS) - set(writable()) == {'cocovid'}


def test_the_page_lists_all_formats():
    page = (Path(__file__).parents[2] / 'docs' / 'annotation_formats.md').read_text(encoding='utf-8')
    table = page.split('## ')[0].splitlines()[2:]
    cells = [line.split('|')[1] for line in table if line.startswith('| `') and '--from' not in line]
    assert sorted(name.strip() for cell in cells for name in cell.replace('`', '').split(',')) == sorted(
        FORMATS
    )


def test_its_arguments_are_cheap():
    code = (
        'import sys; import vosplug.cli.convert; '
        "print({'torch', 'mmengine', 'cv2', 'numpy', 'vosplug.formats'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'set()'
