"""Long-time Video, once and played back and forth."""

import numpy as np
import pytest
from dataset_tester import DatasetTester
from hypothesis import given
from hypothesis import strategies as st
from small_data import make_frames, make_masks, write_frames

from vosplug.datasets import LongVideoDataset
from vosplug.datasets.long_video import BackAndForthSource
from vosplug.errors import ConfigError
from vosplug.evaluation import VOSMetric
from vosplug.formats import write_id_mask
from vosplug.structures import ArraySource, FrameResult

MASKS = make_masks(5, (2,))
ANNOTATED = (0, 1, 4)


def write(root):
    write_frames(root / 'JPEGImages' / 'rat', make_frames(MASKS))
    for t in ANNOTATED:
        write_id_mask(root / 'Annotations' / 'rat' / f'{t:05d}.png', MASKS[t])
    return root


@pytest.fixture
def root(tmp_path):
    return write(tmp_path)


class TestLongVideo(DatasetTester):
    def build(self, root, **kwargs):
        return LongVideoDataset(str(write(root)), **kwargs)


class TestLongVideoBackAndForth(DatasetTester):
    def build(self, root, **kwargs):
        return LongVideoDataset(str(write(root)), repeats=3, **kwargs)


def video(root, **kwargs):
    return LongVideoDataset(str(root), test_mode=True, **kwargs)[0]['data_samples']


def test_once(root):
    sample = video(root)
    assert len(sample.source) == 5 and sample.eval_frames == [0, 1, 4] and list(sample.prompts) == [0]


def test_three_times_goes_forward_backward_and_forward(root):
    sample = video(root, repeats=3)
    order = [0, 1, 2, 3, 4, 3, 2, 1, 0, 1, 2, 3, 4, 3, 2]
    assert [sample.source.original(t) for t in range(15)] == order and len(sample.source) == 15
    assert len(set(sample.source.frame_names)) == 15 and list(sample.prompts) == [0]
    assert sample.eval_frames == [0, 1, 4, 7, 8, 9, 12]
    once = video(root)
    assert np.array_equal(sample.source[7], once.source[1]) and sample.source.size == (48, 64)
    assert np.array_equal(sample.annotation.mask(8), MASKS[0]) and sample.annotation.mask(2) is None
    assert sample.annotation.boxes(12)[2].tolist() == once.annotation.boxes(4)[2].tolist()


@given(st.integers(1, 7), st.integers(1, 5))
def test_neighbours_stay_neighbours_and_nothing_is_decoded(length, repeats):
    class Unread(ArraySource):
        def __getitem__(self, t):
            raise AssertionError('decoded')

    source = BackAndForthSource(Unread(np.zeros((length, 2, 2, 3), np.uint8)), repeats)
    order = [source.original(t) for t in range(len(source))]
    assert len(order) == length * repeats and order[:length] == list(range(length))
    assert all(abs(a - b) == (length > 1) for a, b in zip(order, order[1:], strict=False))
    assert source.original(-1) == order[-1]
    for outside in (len(source), -len(source) - 1):
        with pytest.raises(IndexError):
            source.original(outside)


@pytest.mark.parametrize(('repeats', 'scored'), [(1, 1), (3, 5)])
def test_the_protocol_scores_all_annotated_frames_but_the_first_and_the_last(root, repeats, scored):
    sample, metric = video(root, repeats=repeats), VOSMetric('long_video')
    for t, name in enumerate(sample.source.frame_names):
        mask = sample.annotation.mask(t)
        shown = np.zeros((48, 64), np.uint8) if mask is None else mask
        metric.process(None, [dict(video=sample, result=FrameResult(t, name, shown, {}))])
    assert metric.evaluate(1)['J&F-Mean'] == 1
    assert len(metric.scores.per_frame['rat'][2]['frames']) == scored


def test_no_repeats_are_an_error(root):
    with pytest.raises(ConfigError, match='repeats: found 0, expected 1 or more'):
        LongVideoDataset(str(root), repeats=0)
