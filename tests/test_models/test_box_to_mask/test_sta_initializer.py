"""STANet as a box-to-mask model."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from box_to_mask_tester import BoxToMaskTester
from hypothesis import given
from hypothesis import strategies as st
from mmengine.registry import init_default_scope
from small_models import small_sta_net, small_stm

from vosplug.errors import ConfigError, VideoError
from vosplug.formats.rle import decode_mask
from vosplug.models import STAInitializer
from vosplug.models.box_to_mask import as_box_to_mask, nearest_frames
from vosplug.pseudo_labels.box_video import BoxTrack, BoxVideo
from vosplug.pseudo_labels.labeller import Labeller
from vosplug.registry import MODELS
from vosplug.structures import ArraySource

BOX = np.float32([10, 8, 30, 26])


def build_sta_net():
    torch.manual_seed(0)
    return MODELS.build(small_sta_net()).eval()


class TestSTA(BoxToMaskTester):
    def model(self):
        return STAInitializer(build_sta_net(), frames=3, interval=1)


@pytest.fixture
def frames() -> list[np.ndarray]:
    return list(np.random.default_rng(0).integers(0, 255, (12, 48, 64, 3), np.uint8))


def test_frames_are_those_nearest_at_the_interval():
    assert nearest_frames(range(200), 80, 5, 15) == [50, 65, 80, 95, 110]
    assert nearest_frames(range(200), 1, 5, 15) == [1, 16, 31, 46, 61], 'at the start, those after it'
    assert nearest_frames(range(200), 198, 3, 15) == [168, 183, 198]
    assert nearest_frames(range(10), 4, 5, 15) == [0, 2, 4, 6, 8], 'a short video has a short interval'
    assert nearest_frames([7], 7, 9, 15) == [7]
    # boxes in every fifth frame, and an object that is hidden for a while
    assert nearest_frames(range(0, 100, 5), 50, 5, 15) == [20, 35, 50, 65, 80]
    assert nearest_frames([0, 1, 2, 35, 36, 37], 0, 9, 15) == [0, 1, 2, 35, 36, 37]


@given(st.sets(st.integers(0, 60), min_size=1), st.integers(0, 60), st.integers(1, 9), st.integers(1, 20))
def test_as_many_frames_as_are_known_and_the_frame_itself(known, pick, count, interval):
    known = sorted(known)
    t = known[pick % len(known)]
    found = nearest_frames(known, t, count, interval)
    assert t in found and found == sorted(set(found)) and set(found) <= set(known)
    assert len(found) == min(count, len(known))


def test_it_looks_at_other_frames_whose_boxes_are_known(frames):
    model = STAInitializer(build_sta_net(), frames=3, interval=2)
    boxes = {t: BOX[None] + t for t in range(12)}
    alone, together = (model(frames, 4, known)[0] for known in ({4: boxes[4]}, boxes))
    assert not np.array_equal(alone, together)
    changed = [*frames[:6], frames[0], *frames[7:]]  # frame 6 is among those seen, frame 5 is not
    assert not np.array_equal(model(changed, 4, boxes)[0], together)
    changed = [*frames[:5], frames[0], *frames[6:]]
    assert np.array_equal(model(changed, 4, boxes)[0], together)


def test_frames_where_the_object_is_out_of_sight_are_left_out(frames):
    model = STAInitializer(build_sta_net(), frames=3, interval=1)
    gone = {3: np.full((1, 4), np.nan, np.float32), 5: np.float32([[-20, 5, -2, 9]])}
    alone = model(frames, 4, {4: BOX[None]})
    assert np.array_equal(model(frames, 4, {4: BOX[None]} | gone), alone)


def test_it_starts_a_track_and_keeps_its_weights_to_itself(tmp_path, frames):
    init_default_scope('vosplug')
    config, checkpoint = tmp_path / 'sta.py', tmp_path / 'sta.pth'
    config.write_text(f'model = {small_sta_net()!r}\n')
    torch.save(build_sta_net().state_dict(), checkpoint)
    initializer = dict(type='STAInitializer', config=str(config), checkpoint=str(checkpoint))
    model = MODELS.build({**small_stm(), 'initializer': initializer}).eval()
    assert not any(key.startswith('initializer') for key in model.state_dict())
    found = model.initializer(frames, 0, {0: BOX[None]})
    np.testing.assert_allclose(found, STAInitializer(build_sta_net())(frames, 0, {0: BOX[None]}), atol=1e-6)


@pytest.mark.parametrize('options', [dict(frames=0), dict(interval=0)])
def test_impossible_options_are_refused(options):
    with pytest.raises(ConfigError, match='STAInitializer: found .*expected 1 or more'):
        STAInitializer(build_sta_net(), **options)


def test_networks_become_box_to_mask_models_with_options():
    network = build_sta_net()
    model = as_box_to_mask(network, frames=3, interval=2)
    assert isinstance(model, STAInitializer) and (model.frames, model.interval) == (3, 2)
    assert as_box_to_mask(model) is model
    with pytest.raises(ConfigError, match=r"is already a box-to-mask model; set the options \['frames'\]"):
        as_box_to_mask(model, frames=4)
    with pytest.raises(ConfigError, match=r"STAInitializer: found the options \['batch_size'\], expected"):
        as_box_to_mask(network, batch_size=4)
    with pytest.raises(ConfigError, match='Linear does not make masks from boxes'):
        as_box_to_mask(torch.nn.Linear(1, 1))


class Damaged(ArraySource):
    """Some frames cannot be read."""

    def __init__(self, frames, *damaged: int) -> None:
        super().__init__(frames)
        self.damaged = damaged

    def __getitem__(self, t: int) -> np.ndarray:
        if t in self.damaged:
            raise VideoError(f'frame {t} is damaged')
        return super().__getitem__(t)


def test_damaged_neighbours_are_left_out(frames):
    model, boxes = STAInitializer(build_sta_net(), frames=3, interval=1), dict.fromkeys(range(12), BOX[None])
    without = {t: box for t, box in boxes.items() if t in (4, 5)}
    assert np.array_equal(model(Damaged(frames, 3), 4, boxes), model(frames, 4, without))
    with pytest.raises(VideoError, match='frame 4 is damaged'):
        model(Damaged(frames, 4), 4, boxes)


def test_a_live_video_has_no_other_frames(frames):
    model, boxes = STAInitializer(build_sta_net(), frames=3, interval=1), dict.fromkeys(range(12), BOX[None])
    source = ArraySource(frames)
    source.random_access = False
    assert np.array_equal(model(source, 4, boxes), model(frames, 4, {4: BOX[None]}))


def test_concatenated_frames_are_filled_up(frames):
    torch.manual_seed(0)
    fusion = dict(type='ConcatFusion', frames=3, channels=8, hidden=8)
    network = MODELS.build(small_sta_net(fusion=fusion)).eval()
    alone = STAInitializer(network, frames=3)(frames, 4, {4: BOX[None]})
    assert alone.shape == (1, 48, 64) and np.isfinite(alone).all()
    with pytest.raises(ConfigError, match=r'found 9 frames, expected up to 3.*STAInitializer\(frames=3\)'):
        STAInitializer(network, interval=1)(frames, 4, dict.fromkeys(range(12), BOX[None]))


def test_settings_tell_networks_apart_that_have_the_same_weights():
    options = [{}, dict(passes=3), dict(fusion=dict(type='FilterFusion', steps=2, test_steps=4))]
    options.append(dict(decode_head=dict(interpolation='bilinear')))
    networks = [MODELS.build(small_sta_net(**changes)) for changes in options]
    assert len({tuple(network.state_dict()) for network in networks}) == 1
    assert len({json.dumps(STAInitializer(n).settings, sort_keys=True) for n in networks}) == len(networks)


def test_pseudo_labels_come_from_several_frames(frames):
    names = [f'{t:05d}' for t in range(12)]
    track = BoxTrack('1', boxes={name: [BOX + t] for t, name in enumerate(names)})
    video = BoxVideo('clip', names, {}, {1: track}, Path())
    model = STAInitializer(build_sta_net(), frames=3, interval=2)
    found = Labeller(model).label(video, ArraySource(frames), [1], {})[1]
    assert found.keys() == set(names)
    expected = model(frames, 4, {t: (BOX + t)[None] for t in range(12)})[0] > 0.5
    assert np.array_equal(decode_mask(found['00004'].rle, (48, 64)), expected)
