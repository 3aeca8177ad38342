"""A video seen through the magnitude of its flow."""

import numpy as np
import pytest
from flow_tester import texture, translated
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_videos import CountingSource

from vosplug.errors import ConfigError, FlowError
from vosplug.models import DISFlow, FlowMagnitudeSource, flow_magnitude
from vosplug.structures import LastFrameSource

SIZE = (48, 64)


def flow_of(*pixels: tuple[float, float]) -> np.ndarray:
    """Flow float32 (1, W, 2)."""
    return np.array([pixels], np.float32)


def grey(flow: np.ndarray, **options) -> list[int]:
    return flow_magnitude(flow, **options)[0, :, 0].tolist()


class Counting:
    """A provider that counts; every pixel of frame t moves by t, one pixel by twice as much."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, source, t: int) -> np.ndarray:
        self.asked.append(t)
        source[max(t - 1, 0)], source[t]
        flow = np.full((*source.size, 2), t, np.float32)
        flow[0, 0] *= 2
        return flow


def video(length: int = 5, seed: int = 0) -> CountingSource:
    return CountingSource([translated(texture(SIZE, seed), 2 * t, 0) for t in range(length)])


def test_magnitudes_are_scaled_to_the_largest():
    flow = flow_of((0, 0), (3, 4), (0, -10), (6, -8))
    assert grey(flow, subtract_median=False, quantile=1) == [0, 128, 255, 255]
    assert grey(3 * flow, subtract_median=False, quantile=1) == [0, 128, 255, 255]


def test_the_quantile_becomes_white():
    flow = np.zeros((1, 101, 2), np.float32)
    flow[0, :, 1] = -np.arange(101)
    found = grey(flow, subtract_median=False, quantile=0.5)
    assert found[:3] == [0, 5, 10] and found[25] == 128 and set(found[50:]) == {255}


def test_the_motion_of_the_background_is_black():
    flow = np.full((1, 9, 2), (5, -2), np.float32)
    flow[0, 4] = (0, 0)
    assert grey(flow) == [0, 0, 0, 0, 255, 0, 0, 0, 0]
    assert grey(flow, subtract_median=False)[4] == 0 and grey(flow, subtract_median=False)[0] == 255


def test_motion_below_a_pixel_does_not_become_white():
    assert grey(flow_of((0, 0), (0.1, 0), (0, 0.5)), subtract_median=False) == [0, 26, 128]


def test_unknown_flow_is_black_and_does_not_count():
    flow = flow_of((2, 0), (np.nan, np.nan), (2, 0), (6, 0), (2, 0))
    assert grey(flow, quantile=1) == [0, 0, 0, 255, 0]
    assert grey(np.full((1, 3, 2), np.nan)) == [0, 0, 0]


numbers = st.floats(-1e6, 1e6, width=32) | st.just(np.nan)
sides = st.integers(1, 7)
flows = arrays(np.float32, st.tuples(sides, sides, st.just(2)), elements=numbers)


@given(flows, st.booleans(), st.sampled_from([0.1, 0.99, 1.0]))
def test_every_flow_is_an_image_and_stays_as_it_is(flow, subtract_median, quantile):
    before = flow.copy()
    image = flow_magnitude(flow, subtract_median, quantile)
    assert image.shape == (*flow.shape[:2], 3) and image.dtype == np.uint8
    assert (image == image[..., :1]).all() and np.array_equal(flow, before, equal_nan=True)
    assert not image[np.isnan(flow).any(-1)].any()


@given(flows.filter(lambda flow: np.isfinite(flow).all()), st.floats(-100, 100), st.floats(-100, 100))
def test_a_moving_camera_changes_nothing_with_the_median_subtracted(flow, x, y):
    flow = np.rint(flow % 500)  # sums stay exact
    moved = flow + np.rint(np.float32([x, y]))
    assert np.array_equal(flow_magnitude(moved), flow_magnitude(flow))


def test_an_object_is_brighter_than_the_background_it_moves_over():
    background, inside = texture((120, 160), seed=2), texture((40, 50), seed=3)
    frames = [translated(background, 2 * t, 0) for t in range(2)]
    for t, frame in enumerate(frames):
        frame[40:80, 50 - 3 * t : 100 - 3 * t] = inside
    image = FlowMagnitudeSource(CountingSource(frames), DISFlow())[1]
    assert image[50:70, 55:85].min() > 150 and np.median(image[95:, 20:-20]) < 20


def test_it_has_what_its_source_has():
    source = video()
    source.fps, source.name, source.random_access, source.backwards = 25, 'bear', False, True
    seen = FlowMagnitudeSource(source, DISFlow())
    assert (len(seen), seen.size, seen.fps, seen.name) == (5, SIZE, 25, 'bear')
    assert seen.frame_names == source.frame_names and seen.backwards and not seen.random_access
    assert all(image.shape == (*SIZE, 3) and image.dtype == np.uint8 for image in seen)
    assert not seen[0].any() and np.array_equal(seen[-1], seen[4])
    for t in (5, -6):
        with pytest.raises(IndexError):
            seen[t]


def test_frames_are_read_when_asked_for_and_once_in_order():
    source = video()
    seen = FlowMagnitudeSource(source, Counting())
    assert not source.decoded
    for t in (1, 2, 2, 3):
        seen[t]
    assert seen.provider.asked == [1, 2, 3] and source.decoded == [0, 1, 2, 3]
    seen[1]
    assert seen.provider.asked == [1, 2, 3, 1], 'a whole video is never held'


def test_a_stream_may_read_the_same_frames():
    source = video()
    shared = LastFrameSource(source, keep=2)
    seen = FlowMagnitudeSource(shared, DISFlow())
    for t in range(5):
        shared[t], seen[t]
    assert source.decoded == [0, 1, 2, 3, 4]


def test_two_videos_in_turns_do_not_meet():
    alone = [list(FlowMagnitudeSource(video(seed=seed), DISFlow())) for seed in (0, 1)]
    provider = DISFlow()
    turns = [FlowMagnitudeSource(video(seed=seed), provider) for seed in (0, 1)]
    found = [[seen[t] for seen in turns] for t in range(5)]
    assert np.array_equal(np.swapaxes(found, 0, 1), alone)


def test_a_live_video_grows():
    camera = video()
    arrived = camera.frame_names
    later = arrived[2:]
    del arrived[2:]
    seen = FlowMagnitudeSource(camera, Counting())
    assert len(seen) == 2 and seen[1].any()
    arrived += later
    assert len(seen) == 5 and seen[2].any() and max(camera.decoded) == 2, 'no frame that is still to come'


def test_flow_of_another_shape_is_named():
    class Small(Counting):
        def __call__(self, source, t):
            return super().__call__(source, t)[::2, ::2]

    source = video()
    source.name = 'bear'
    says = r'bear, frame 1: expected a flow of shape \(48, 64, 2\), found \(24, 32, 2\).*Small'
    with pytest.raises(FlowError, match=says):
        FlowMagnitudeSource(source, Small())[1]


@pytest.mark.parametrize('quantile', [0, -1, 1.1, float('nan')])
def test_a_wrong_quantile_is_named(quantile):
    with pytest.raises(ConfigError, match=rf'quantile: found {quantile}, expected a value in \(0, 1\]'):
        FlowMagnitudeSource(video(), DISFlow(), quantile=quantile)
