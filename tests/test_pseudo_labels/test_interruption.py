"""Killed anywhere and started again, the labels are those of a run that was never interrupted.

A process of its own imports everything once and forks a child per kill, so that SIGKILL is real.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_box2seg import write_boxed_videos
from small_data import make_masks

pytestmark = pytest.mark.skipif(not hasattr(os, 'fork'), reason='needs fork')

SCRIPT = """
import json, os, pathlib, shutil, signal, sys
import torch
torch.set_num_threads(1)
from small_box2seg import FINE_TUNE, build_box2seg
from vosplug.models import Box2SegInitializer
from vosplug.pseudo_labels import LabelFactory, Labeller, ManualMasks, Rules, read_box_videos

root, model = pathlib.Path(sys.argv[1]), build_box2seg()


def run(out, kill_at=None):
    '''In a child: make all labels, killed before the kill_at-th change of the disk; returns how it ended.'''
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    count = 0

    def counted(function):
        def call(*args, **kwargs):
            nonlocal count
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1
            return function(*args, **kwargs)
        return call

    for owner, names in ((os, ('replace', 'unlink')), (shutil, ('rmtree',))):
        for name in names:
            setattr(owner, name, counted(getattr(owner, name)))
    labeller = Labeller(Box2SegInitializer(model, batch_size=4), fine_tune=dict(FINE_TUNE, steps=1))
    factory = LabelFactory(root / out, labeller, Rules(), ManualMasks(root / 'by_hand'))
    videos = read_box_videos(root / 'boxes.csv', root / 'videos')
    factory.make_all(videos)
    factory.finalize(videos)
    (root / 'count').write_text(str(count))
    os._exit(0)


def tree(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob('*')) if p.is_file()}


assert run('whole') == 0
changes = int((root / 'count').read_text())
whole, ends, differ = tree(root / 'whole'), [], []
for k in range(changes):
    ends.append(run(f'out{k}', kill_at=k))
    second = run(f'out{k}')
    again = tree(root / f'out{k}')
    if second or again != whole:
        differ.append(k)
    shutil.rmtree(root / f'out{k}')
print(json.dumps(dict(changes=changes, ends=ends, differ=differ)))
"""


def test_killed_before_any_change_of_the_disk_it_ends_with_the_same_bytes(tmp_path):
    write_boxed_videos(tmp_path, {'bear': make_masks(1), 'wolf': make_masks(2, (2,))})
    (tmp_path / 'by_hand').mkdir()
    os.rename(tmp_path / 'truth' / 'wolf', tmp_path / 'by_hand' / 'wolf')
    env = {**os.environ, 'PYTHONPATH': str(Path(__file__).parents[1]), 'OMP_NUM_THREADS': '1'}
    done = subprocess.run(
        [sys.executable, '-c', SCRIPT, str(tmp_path)], env=env, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found['changes'] > 10
    assert set(found['ends']) == {signal.SIGKILL}
    assert found['differ'] == []
