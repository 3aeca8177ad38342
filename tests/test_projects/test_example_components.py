"""Components of the example project that hook into training and testing, held to their contracts."""

import csv
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from clip_transform_tester import ClipTransformTester
from dataset_tester import DatasetTester
from loss_tester import BoxLossTester, ObjectLossTester, PixelLossTester
from mmengine.config import Config
from segmentor_tester import SegmentorTester
from small_videos import mask_prompts, moving_squares

from vosplug.engine.video_evaluator import VideoEvaluator
from vosplug.evaluation import VOSMetric, evaluate_stream
from vosplug.registry import MODELS
from vosplug.structures import ArrayAnnotation, ArraySource, FrameResult, Prompts, VideoSample

PROJECT = Path(__file__).parents[2] / 'projects' / 'example_project'
sys.path.insert(0, str(PROJECT))
import example_project  # noqa: E402


class TestPreviousMask(SegmentorTester):
    def config(self) -> dict:
        return dict(
            type='PreviousMask',
            backbone=dict(type='PlainBackbone', channels=(8, 8)),
            in_channels=8,
            channels=8,
            decode_head=dict(
                type='UpsamplingDecodeHead',
                in_channels=8,
                channels=(8, 8, 8),
                kernel_size=3,
                feature_channels=(8,),
            ),
        )

    def clip_changes(self) -> dict:
        return {}


def test_the_config_of_the_method_builds():
    model = MODELS.build(Config.fromfile(PROJECT / 'configs' / 'previous_mask_squares.py').model)
    frames, masks = moving_squares(frames=3)
    assert len(list(model.stream(frames, {0: mask_prompts(masks[0])}))) == 3


class TestGeneralisedCrossEntropy(PixelLossTester):
    def make_loss(self):
        return example_project.GeneralisedCrossEntropyLoss()


class TestTversky(ObjectLossTester):
    def make_loss(self):
        return example_project.TverskyLoss()


class TestBoxArea(BoxLossTester):
    def make_loss(self):
        return example_project.BoxAreaLoss(min_share=0.9)


class TestRotate90(ClipTransformTester):
    def transform(self):
        return example_project.ClipRandomRotate90(prob=1)


def test_four_quarter_turns_change_nothing():
    from example_project.transform import quarter_turn

    results = TestRotate90().clip()
    before = {key: np.copy(results[key]) for key in ('imgs', 'id_masks', 'boxes', 'visible')}
    turned = quarter_turn(results)
    assert turned['imgs'][0].shape == (44, 30, 3)
    for _ in range(3):
        turned = quarter_turn(turned)
    assert all(np.array_equal(before[key], turned[key]) for key in before)


class TestMovingSquares(DatasetTester):
    def build(self, root: Path, **kwargs):
        return example_project.MovingSquares(num_videos=2, **kwargs)


# ---------------------------------------------------------------------- evaluation


def video_of(masks: list[np.ndarray], name: str = 'squares') -> VideoSample:
    frames = ArraySource([np.zeros((*masks[0].shape, 3), np.uint8)] * len(masks))
    prompts = Prompts({0: mask_prompts(masks[0])})
    return VideoSample(name, frames, prompts, ArrayAnnotation(masks), list(range(len(masks))))


def results_of(masks: list[np.ndarray]):
    for t, mask in enumerate(masks):
        ids = [int(i) for i in np.unique(mask) if i]
        yield FrameResult(t, f'{t:05d}', mask, dict.fromkeys(ids, 0.5))


def test_survival_ends_when_an_object_is_lost_for_the_first_time():
    _, masks = moving_squares(frames=12)
    found = [mask.copy() for mask in masks]
    for t in (6, 7):
        found[t][found[t] == 2] = 0  # back again in frame 8
    scores = evaluate_stream('survival', [video_of(masks)], lambda video: results_of(found))
    # frames 1..10 are scored: object 1 survives all of them, object 2 the first five
    assert scores['Survival'] == pytest.approx((1 + 0.5) / 2) and scores['J-Mean'] == pytest.approx(0.9)
    lenient = VOSMetric(dict(type='survival', threshold=0))
    assert evaluate_stream(lenient, [video_of(masks)], lambda video: results_of(found))['Survival'] == 1


def test_temporal_iou_compares_each_frame_with_the_one_before():
    metric = example_project.TemporalIoUMetric()
    evaluator = VideoEvaluator([metric])
    still = np.zeros((4, 8), np.uint8)
    still[:, :4] = 7
    half = still.copy()
    half[:, 2:4] = 0
    for index, masks in enumerate([[still, still, half], [half, half]]):
        for result in results_of(masks):
            evaluator.process(data_samples=[dict(video=None, result=result)])
        evaluator.finish(index)
    assert evaluator.evaluate(2) == {'Temporal-IoU': pytest.approx((1 + 0.5 + 1) / 3)}
    assert np.isnan(metric.compute_metrics([])['Temporal-IoU'])


def test_the_hook_writes_areas_of_every_video_and_knows_whether_it_has(tmp_path):
    _, masks = moving_squares(frames=3)
    hook, video = example_project.ObjectAreaHook(str(tmp_path)), video_of(masks, 'nested/squares')
    assert hook.outputs_digest(video) is None
    for result in results_of(masks):
        assert not list(tmp_path.rglob('*.csv'))
        hook.after_frame(SimpleNamespace(), video, result)
    with (tmp_path / 'nested' / 'squares.csv').open() as file:
        rows = list(csv.DictReader(file))
    assert [(row['frame'], row['object']) for row in rows] == [
        (f'{t:05d}', i) for t in range(3) for i in '12'
    ]
    assert all(int(row['area']) == (masks[int(row['frame'])] == int(row['object'])).sum() for row in rows)
    assert rows[0]['score'] == '0.500'
    digest = hook.outputs_digest(video)
    (tmp_path / 'nested' / 'squares.csv').write_text('')
    assert digest is not None and hook.outputs_digest(video) != digest
