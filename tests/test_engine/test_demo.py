"""The demo can be run again, and after an interruption; its real clip is followed."""

import numpy as np
import pytest
from mmengine.registry import init_default_scope
from tiny_run import write_config

from vosplug.analysis import demo
from vosplug.analysis.demo import run_demo
from vosplug.analysis.real_clip import BOXES, CLIP, write_real_clip
from vosplug.config import load_config
from vosplug.structures import VideoFileSource


def test_a_demo_that_is_repeated_or_was_interrupted_has_the_same_scores(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where the config's scores go
    monkeypatch.setattr(demo, 'write_real_clip', lambda out_dir: dict(name='real', gif='cup.gif'))
    init_default_scope('vosplug')

    def scores(name: str) -> dict:
        cfg = load_config(write_config(tmp_path / f'{name}.py'))  # every run has a visualizer of its own
        cfg.work_dir = str(tmp_path / 'demo')
        summary = run_demo(cfg, shown=1)
        return {key: value for key, value in summary.items() if not key.endswith('_s')}

    first = scores('first')
    assert (tmp_path / 'demo' / 'index.html').exists()
    assert scores('again') == first
    (tmp_path / 'demo' / 'iter_4.pth').unlink()  # what an interruption leaves
    (tmp_path / 'demo' / 'last_checkpoint').write_text('iter_2.pth\n')
    assert scores('resumed') == first
    assert (tmp_path / 'demo' / 'iter_4.pth').exists()


@pytest.mark.slow  # 109 frames take half a minute
def test_both_objects_of_the_real_clip_are_followed_to_its_end(tmp_path):
    entry = write_real_clip(tmp_path)
    assert entry['gif'] == 'cup.gif' and 'frames per second' in entry['caption']
    frames = list(VideoFileSource(tmp_path / 'cup.mp4'))
    assert len(frames) == 109
    drawn, clip = frames[-1].astype(int), VideoFileSource(CLIP)[108].astype(int)
    changed = np.abs(drawn - clip).max(2) > 25  # coloured
    assert 0.08 < changed.mean() < 0.4 and len(BOXES) == 2
