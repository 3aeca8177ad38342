"""Operations and speed of streams: numbers that can be computed by hand, or bounded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from vosplug.analysis.complexity import stream_complexity
from vosplug.analysis.measured_stream import measured_model, measured_video, rectangle_prompts
from vosplug.analysis.speed import StreamSpeed, stream_speed
from vosplug.errors import ConfigError
from vosplug.models import StreamingSegmentor

TOOLS = Path(__file__).parents[2] / 'tools/analysis_tools'
TINY = 'stm/stm_tiny_synthetic-box.py'


class OneConvolution(StreamingSegmentor, nn.Module):
    """A tracker with one convolution per frame, and one more from the third on."""

    def __init__(self):
        nn.Module.__init__(self)
        StreamingSegmentor.__init__(self)
        self.conv = nn.Conv2d(3, 1, 3, padding=1, bias=False)
        self.conv.weight.requires_grad_(False)

    def start(self, video):
        return []

    def segment(self, state, frame):
        logits = self.conv(frame.tensor)[0]
        if frame.index > 1:
            logits = logits + self.conv(frame.tensor)[0]
        return logits

    def remember(self, state, frame, probs, prompted):
        pass


def test_operations_of_every_frame_are_counted():
    found = stream_complexity(OneConvolution().eval(), *measured_video((32, 64), 4))
    one = 2 * 27 * 32 * 64  # multiply and add of 3x3x3 per pixel
    assert found.flops[1:] == (one, 2 * one, 2 * one) and found.later == 2 * one
    assert found.first in (0, one)  # the only object is prompted there
    assert (found.parameters, found.trainable) == (27, 0)
    assert found.parts == {'Conv2d': 2 * one}


def test_a_model_without_weights_is_measured_and_its_parts_are_all_of_it(monkeypatch, tmp_path):
    monkeypatch.setenv('MOBILENETV2_WEIGHTS', str(tmp_path / 'nowhere.pth'))
    model = measured_model(
        'stm/stm_mobilenetv2_davis16-mask.py', cfg_options={'model.test_cfg.short_side': 64}
    )
    found = stream_complexity(model, *measured_video((64, 96), 3, objects=2))
    assert found.parameters == sum(p.numel() for p in model.parameters()) > 1e6
    assert sum(found.parts.values()) == found.later > found.first > 0
    assert found.parts['MobileNetV2'] < found.later


def test_networks_for_boxes_are_measured_by_one_frame():
    found = stream_complexity(measured_model('box2seg-tiny'), *measured_video((64, 96), 1, prompt='box'))
    assert found.later is None and found.first > 1e8


def test_prompts_do_not_overlap_and_have_the_kind_asked_for():
    masks = torch.stack([torch.from_numpy(p.mask) for p in rectangle_prompts((48, 64), 3)])
    assert masks.sum(0).max() == 1 and masks.flatten(1).any(1).all()
    boxes = rectangle_prompts((48, 64), 2, 'box')
    assert boxes[0].mask is None and boxes[0].box[2] < boxes[1].box[0]
    for arguments in (((48, 64), 500), ((48, 64), 1, 'points')):
        with pytest.raises(ConfigError):
            rectangle_prompts(*arguments)


def test_speed_counts_frames_after_the_warm_up():
    speed = stream_speed(measured_model(TINY), *measured_video((48, 64), 8), warmup=3)
    assert len(speed.frame_ms) == 5 and min(speed.frame_ms) > 0 and speed.peak_mb > 50
    with pytest.raises(ConfigError, match='warm-up'):
        stream_speed(OneConvolution(), *measured_video((48, 64), 3), warmup=3)
    with pytest.raises(ConfigError, match='Linear'):
        stream_speed(nn.Linear(1, 1), *measured_video((48, 64), 8))


def test_report_of_known_times():
    report = StreamSpeed(50.0, (10.0,) * 9 + (20.0,), 100.0, 'cpu').report()
    assert report['fps'] == pytest.approx(1000 / 11, abs=0.01) and report['ms_mean'] == 11
    assert report['ms_p50'] == 10 and report['ms_p99'] > 19 and report['ms_first'] == 50


@pytest.mark.slow
@pytest.mark.parametrize('tool', ['get_flops.py', 'benchmark.py'])
def test_tools_print_json(tool):
    command = [sys.executable, TOOLS / tool, TINY, '--shape', '48', '64', '--frames', '8', '--json']
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])


def test_speed_is_measured_where_memory_cannot_be(monkeypatch):
    monkeypatch.setitem(sys.modules, 'resource', None)
    found = stream_speed(OneConvolution().eval(), *measured_video((32, 64), 4), warmup=1)
    assert found.fps > 0 and found.peak_mb != found.peak_mb
