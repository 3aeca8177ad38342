"""GOT-10k, LaSOT and TrackingNet as datasets, and a tracking run on their layouts."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from dataset_tester import DatasetTester
from small_data import TRAIN_PIPELINE
from small_tracking import BOXES, LAYOUTS, MASKS, build, write_track

from vosplug.datasets import GOT10kDataset, LaSOTDataset, TrackingNetDataset
from vosplug.datasets.tracking_benchmarks import BoxTrackAnnotation, TrackingBenchmark
from vosplug.errors import AnnotationError
from vosplug.evaluation import evaluate_stream
from vosplug.evaluation.functional import got10k_scores, tracking_scores
from vosplug.formats.box_text import BoxSequence
from vosplug.structures import FrameResult, VideoSample


class TrackingTester(DatasetTester):
    supervisions = prompts = ('box',)
    benchmark: str

    def build(self, root: Path, **kwargs) -> TrackingBenchmark:
        return build(root, self.benchmark, **kwargs)


class TestGOT10k(TrackingTester):
    benchmark = 'got10k'


class TestLaSOT(TrackingTester):
    benchmark = 'lasot'


class TestTrackingNet(TrackingTester):
    benchmark = 'trackingnet'


def late(video: VideoSample) -> Iterator[FrameResult]:
    """A tracker that is one frame behind."""
    for t in range(len(video.source)):
        mask = MASKS[max(t - 1, 0)]
        yield FrameResult(t, video.source.frame_names[t], mask, {1: 1.0}, {1: 1.0})


@pytest.mark.parametrize('benchmark', LAYOUTS)
def test_a_run_gives_the_numbers_of_the_metrics(tmp_path, benchmark):
    dataset = build(tmp_path, benchmark, hidden=(3,) if benchmark != 'trackingnet' else (), test_mode=True)
    videos = [item['data_samples'] for item in (dataset[0], dataset[1])]
    found = evaluate_stream(benchmark, videos, late)
    behind = np.concatenate([BOXES[:1], BOXES[:-1]])
    if benchmark == 'got10k':
        size, cover = MASKS.shape[:0:-1], np.array([8, 8, 8, 0, 8])
        scores = got10k_scores([behind] * 2, [BOXES] * 2, [size] * 2, [cover] * 2)
        expected = {'AO': scores.ao, 'SR0.5': scores.sr(0.5), 'SR0.75': scores.sr(0.75)}
    else:
        visible = np.array([True, True, True, benchmark == 'trackingnet', True])
        scores = tracking_scores([behind] * 2, [BOXES] * 2, [visible] * 2)
        expected = {'AUC': scores.auc, 'Precision': scores.precision}
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-9)
    assert 0 < next(iter(expected.values())) < 1


@pytest.mark.parametrize('benchmark', ['got10k', 'trackingnet'])  # all boxes of LaSOT are public
def test_a_public_first_box_is_enough_to_track(tmp_path, benchmark):
    sample = build(tmp_path, benchmark, boxes=BOXES[:1], test_mode=True)[0]['data_samples']
    assert len(sample.source) == 5 and sample.eval_frames == [0]
    [prompt] = sample.prompts[0]
    assert prompt.box.tolist() == [*BOXES[0, :2], *(BOXES[0, :2] + BOXES[0, 2:])]
    with pytest.raises(AnnotationError, match='nothing to score after the frame with the prompt'):
        evaluate_stream(benchmark, [sample], late)


def test_frames_are_in_the_order_of_their_numbers(tmp_path):
    frames = write_track(tmp_path, 'trackingnet', 'zzz_1', boxes=np.repeat(BOXES[:1], 12, 0))
    for t in range(5, 12):
        (frames / f'{t}.jpg').write_bytes((frames / '0.jpg').read_bytes())
    source = TrackingNetDataset(str(tmp_path), test_mode=True)[0]['inputs']
    assert source.frame_names == [str(t) for t in range(12)]


def test_boxes_that_are_no_boxes_show_nothing():
    boxes = np.array([[1, 2, 3, 4], [1, 2, 0, 4], [np.nan] * 4, [-3, -2, 5, 1], [7, 8, 1, 1]], float)
    annotation = BoxTrackAnnotation(BoxSequence('a', boxes, np.array([True, True, True, True, False])))
    shown = {t: annotation.boxes(t) for t in range(6)}
    assert [t for t, found in shown.items() if found] == [0, 3]
    assert shown[0][1].tolist() == [1, 2, 4, 6] and shown[3][1].tolist() == [-3, -2, 2, -1]
    assert annotation.mask(0) is None and annotation.annotated_frames() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize('test_mode', [False, True])
def test_a_partly_visible_object_marked_absent_counts_only_in_tests(tmp_path, test_mode):
    write_track(tmp_path, 'got10k', 'a')
    (tmp_path / 'list.txt').write_text('a')
    (tmp_path / 'a' / 'absence.label').write_text('0\n0\n1\n0\n0')
    record = GOT10kDataset(str(tmp_path), test_mode=test_mode).open_video(dict(video_name='a'))
    shown = [t for t in range(5) if record.annotation.boxes(t)]
    assert shown == ([0, 1, 2, 3, 4] if test_mode else [0, 1, 3, 4])


def test_an_image_set_chooses_sequences(tmp_path):
    (tmp_path / 'some.txt').write_text('zzz_1\n')
    dataset = build(tmp_path, 'trackingnet', ann_file='some.txt', test_mode=True)
    assert [item['data_samples'].name for item in (dataset[0],)] == ['zzz_1'] and len(dataset) == 1
    (tmp_path / 'some.txt').write_text('zzz_1\nyyy_2\n')
    with pytest.raises(AnnotationError, match=r"some.txt: 1 of 2 sequences are not in .*'yyy_2'"):
        TrackingNetDataset(str(tmp_path), ann_file='some.txt', test_mode=True)


def test_missing_frames_are_named(tmp_path):
    frames = write_track(tmp_path, 'lasot', 'bear-2')
    (frames / '00000003.jpg').unlink()
    with pytest.raises(AnnotationError, match='bear-2/img: found 4 frames, expected 5, one for each box'):
        LaSOTDataset(str(tmp_path), test_mode=True)[0]


def test_a_box_outside_the_image_is_not_visible_in_training(tmp_path):
    boxes = BOXES.copy()
    boxes[1:] = [70, 5, 10, 10]
    clips = dict(clip_sampler=dict(num_frames=2, reverse_prob=0), pipeline=TRAIN_PIPELINE[:1])
    dataset = build(tmp_path, 'lasot', boxes=boxes, **clips)
    record = dataset.open_video(dataset.get_data_info(0))
    clip = dataset.pipeline(dict(record=record, frames=[0, 1], object_ids=[1], kind='box'))
    assert clip['visible'].tolist() == [[True], [False]] and not clip['boxes'][1].any()
