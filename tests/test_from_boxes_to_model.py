"""The commands of docs/from_boxes_to_model.md run as written, on two small videos."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from doc_shell import blocks
from small_data import make_frames, make_masks, write_frames

from vosplug.formats.exchange import FORMATS, AnnotatedObject, AnnotatedVideo, Context
from vosplug.structures import boxes_of_mask
from vosplug.visualization import write_mp4

REPO = Path(__file__).parents[1]
PAGE = REPO / 'docs' / 'from_boxes_to_model.md'
# the command of this checkout, whatever is installed
COMMAND = f"""#!{sys.executable}
from vosplug.cli import main
main()
"""
OPTIONS = ' '.join(
    (
        '--cfg-options train_cfg.max_iters=2 train_cfg.val_interval=2 train_dataloader.batch_size=1',
        'train_dataloader.num_workers=0 train_dataloader.persistent_workers=False',
        'default_hooks.checkpoint.interval=2',
    )
)


def make_example(folder: Path) -> None:
    """A folder of frames, a video file, and their boxes in every third frame as CVAT exports them."""
    masks = make_masks(10, size=(96, 128))
    write_frames(folder / 'my_data' / 'frames' / 'cat', make_frames(masks))
    write_mp4(folder / 'my_data' / 'frames' / 'dog.mp4', make_frames(masks))
    boxes = {t: boxes_of_mask(mask) for t, mask in enumerate(masks)}
    for name in ('cat', 'dog'):
        objects = [
            AnnotatedObject(k, 'pet', {t: tuple(map(float, boxes[t][i])) for t in range(0, 10, 3)})
            for k, i in enumerate((3, 7), 1)
        ]
        frames = [f'{t:05d}' for t in range(10)]
        video = AnnotatedVideo(name, frames, frames, (96, 128), list(range(0, 10, 3)), objects)
        FORMATS['cvat'].write(folder / 'my_data' / 'export' / f'{name}.xml', [video], Context())


@pytest.mark.slow  # trains and tests a model: a minute
def test_the_page_runs(tmp_path):
    make_example(tmp_path)
    (tmp_path / 'bin').mkdir()
    (tmp_path / 'bin' / 'vosplug').write_text(COMMAND)
    (tmp_path / 'bin' / 'vosplug').chmod(0o755)
    script = '\n'.join(block.text for block in blocks(PAGE, 'bash'))
    # the only change: the training is short
    script, count = re.subn('(?m)^(vosplug train .*)$', rf'\1 {OPTIONS}', script)
    assert count == 1
    done = run(['bash', '-euo', 'pipefail', '-c', script.replace('iter_500', 'iter_2')], tmp_path)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    assert 'J&F-Mean' in done.stdout
    assert len((tmp_path / 'my_data' / 'boxes.csv').read_text().splitlines()) == 1 + 2 * 2 * 10
    assert len(list((tmp_path / 'masks' / 'dog').glob('*.png'))) == 10
    assert sorted(p.name for p in (tmp_path / 'corrected').iterdir()) == ['dog.xml']
    [block] = blocks(PAGE, 'python')
    done = run(['python', '-c', block.text.replace('iter_500', 'iter_2')], tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert any((tmp_path / 'out').rglob('*.png'))


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess:
    paths = [str(folder / 'bin'), str(Path(sys.executable).parent), os.environ['PATH']]
    env = {**os.environ, 'PATH': os.pathsep.join(paths), 'PYTHONPATH': str(REPO)}
    for name in ('MY_VIDEOS_ROOT', 'MOBILENETV2_WEIGHTS'):
        env.pop(name, None)
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=540)
