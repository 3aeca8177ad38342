"""Drawn frames go to a folder, or to the visualizer's backends."""

from types import SimpleNamespace

import numpy as np
import pytest
from mmengine.visualization import Visualizer

from vosplug.engine.hooks import OverlayHook
from vosplug.errors import ConfigError
from vosplug.structures import ArraySource, FrameResult, Prompts, VideoSample
from vosplug.visualization import VOSVisualizer


@pytest.fixture
def video() -> VideoSample:
    frames = np.zeros((4, 16, 24, 3), np.uint8)
    mask = np.ones((16, 24), np.uint8)
    return VideoSample('part/clip', ArraySource(frames), Prompts.from_id_mask(mask))


def drain(hook: OverlayHook, runner: SimpleNamespace, video: VideoSample) -> None:
    for t, name in enumerate(video.source.frame_names):
        hook.after_frame(runner, video, FrameResult(t, name, np.ones((16, 24), np.uint8), {1: 1.0}))


def test_every_second_frame_reaches_the_backend(tmp_path, video):
    visualizer = VOSVisualizer('drawn', vis_backends=[dict(type='LocalVisBackend')], save_dir=str(tmp_path))
    drain(OverlayHook(interval=2), SimpleNamespace(visualizer=visualizer, iter=7), video)
    written = sorted(path.name for path in tmp_path.rglob('*.png'))
    assert written == ['part_clip_00000_7.png', 'part_clip_00002_7.png']


def test_a_folder_gets_a_picture_per_frame(tmp_path, video):
    runner = SimpleNamespace(visualizer=VOSVisualizer('plain'), iter=0)
    drain(OverlayHook(str(tmp_path)), runner, video)
    assert len(list((tmp_path / 'part/clip').glob('*.jpg'))) == 4


def test_another_visualizer_is_refused_before_the_run():
    with pytest.raises(ConfigError, match='found Visualizer, OverlayHook needs VOSVisualizer'):
        OverlayHook().before_run(SimpleNamespace(visualizer=Visualizer('other')))


def test_an_interval_of_0_is_refused():
    with pytest.raises(ConfigError, match='OverlayHook.interval: found 0, expected 1 or more'):
        OverlayHook(interval=0)
