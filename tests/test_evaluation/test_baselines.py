"""Baselines yield what stream yields, and their scores follow from the masks."""

import numpy as np
import pytest

from vosplug.errors import AnnotationError, PromptError
from vosplug.evaluation import (
    VOSMetric,
    box_oracle,
    copy_first_mask,
    copy_nearest_prompt,
    evaluate_stream,
    filled_box,
)
from vosplug.evaluation.functional import boundary_f, jaccard
from vosplug.models.box_to_mask import BoxToMask
from vosplug.structures import (
    ArrayAnnotation,
    ArraySource,
    FrameResult,
    ObjectPrompt,
    Prompts,
    VideoSample,
    fill_box,
)

SIZE = 30, 50


def masks():
    """Object 3 is an L that moves right; object 8 is a square inside its box that stays."""
    ids = np.zeros((5, *SIZE), np.uint8)
    for t, mask in enumerate(ids):
        mask[5:25, 4 + t : 8 + t] = 3
        mask[21:25, 4 + t : 24 + t] = 3
        mask[8:14, 14:20] = 8
    return ids


def video(prompts=None, annotated=True, name='clip'):
    ids = masks()
    source = ArraySource([np.zeros((*SIZE, 3), np.uint8)] * len(ids))
    annotation = ArrayAnnotation(ids) if annotated else None
    return VideoSample(name, source, prompts or Prompts.from_id_mask(ids[0]), annotation, [0, 1, 2, 3, 4])


@pytest.mark.parametrize('method', [copy_first_mask, copy_nearest_prompt, filled_box])
def test_one_result_per_frame_in_order(method):
    results = list(method(video()))
    assert all(
        isinstance(r, FrameResult) and r.mask.dtype == np.uint8 and r.mask.shape == SIZE for r in results
    )
    assert [(r.index, r.name) for r in results] == [(t, f'{t:05d}') for t in range(5)]
    assert all(r.scores == {3: 1.0, 8: 1.0} and r.object_ids == [3, 8] for r in results)


def test_the_first_mask_stays():
    assert all(np.array_equal(r.mask, masks()[0]) for r in copy_first_mask(video()))


def test_a_box_prompt_is_filled_and_later_prompts_enter_or_correct():
    prompts = Prompts(
        {
            0: [ObjectPrompt(3, box=(2, 3, 10, 9))],
            2: [ObjectPrompt(8, mask=masks()[0] == 8)],
            4: [ObjectPrompt(3, box=(30, 3, 40, 9))],
        }
    )
    results = list(copy_first_mask(video(prompts)))
    assert [sorted(r.scores) for r in results] == [[3], [3], [3, 8], [3, 8], [3, 8]]
    assert (results[1].mask[3:9, 2:10] == 3).all() and results[1].mask.sum() == 3 * 48
    assert not results[4].mask[3:9, 2:10].any() and (results[4].mask[3:9, 30:40] == 3).all()


def test_the_nearest_prompt_is_copied_also_to_earlier_frames():
    ids = masks()
    prompts = Prompts(
        {
            1: [ObjectPrompt(3, mask=ids[1] == 3)],
            3: [ObjectPrompt(3, box=(4, 5, 24, 25)), ObjectPrompt(8, mask=ids[3] == 8)],
        }
    )
    results = list(copy_nearest_prompt(video(prompts)))
    assert all(r.object_ids == [3, 8] for r in results)
    for t in (0, 1, 2):  # frame 2 is as near to both
        assert np.array_equal(results[t].mask, np.where(ids[3] == 8, 8, np.where(ids[1] == 3, 3, 0)))
    for t in (3, 4):
        assert (results[t].mask[5:25, 4:24] > 0).all() and (results[t].mask == 3).sum() == 20 * 20 - 36


def test_filled_boxes_follow_the_objects_smaller_on_top():
    for t, result in enumerate(filled_box(video())):
        assert (result.mask[8:14, 14:20] == 8).all()
        assert result.mask[6, 15 + t] == 3
        assert (result.mask == 3).sum() == 20 * 20 - 36


def test_filled_box_knows_only_objects_already_given():
    prompts = Prompts({0: [ObjectPrompt(3, box=(4, 5, 24, 25))], 2: [ObjectPrompt(8, box=(14, 8, 20, 14))]})
    assert [sorted(r.scores) for r in filled_box(video(prompts))] == [[3], [3], [3, 8], [3, 8], [3, 8]]


class LeftHalf(BoxToMask):
    """The left half of the box, in a frame of the video."""

    def forward(self, frames, t, boxes):
        assert frames[t].shape == (*SIZE, 3) and list(boxes) == [t]
        return np.stack([fill_box((x1, y1, (x1 + x2) / 2, y2), SIZE) for x1, y1, x2, y2 in boxes[t]]) * 0.6


def test_an_oracle_segments_the_true_boxes_of_the_objects_given_so_far():
    prompts = Prompts({0: [ObjectPrompt(3, box=(4, 5, 24, 25))], 2: [ObjectPrompt(8, box=(14, 8, 20, 14))]})
    results = list(box_oracle(video(prompts), LeftHalf()))
    assert [sorted(r.scores) for r in results] == [[3], [3], [3, 8], [3, 8], [3, 8]]
    for t, result in enumerate(results):
        assert np.array_equal(result.mask > 0, fill_box((4 + t, 5, 14 + t, 25), SIZE) | (result.mask == 8))
        assert (result.mask == 8).sum() == (6 * 3 if t >= 2 else 0)


def test_an_oracle_shows_nothing_where_no_object_is():
    sample = video()
    ids = masks()
    ids[2] = 0
    sample.annotation = ArrayAnnotation(ids)
    result = list(box_oracle(sample, LeftHalf()))[2]
    assert not result.mask.any() and result.scores == {3: 0.0, 8: 0.0}


def test_scores_follow_from_the_masks():
    ids = masks()
    found = evaluate_stream('davis2017', [video(name='a'), video(name='b')], copy_first_mask)
    region = [jaccard(ids[0] == i, ids[t] == i) for i in (3, 8) for t in (1, 2, 3)]
    contour = [boundary_f(ids[0] == i, ids[t] == i) for i in (3, 8) for t in (1, 2, 3)]
    assert found['J-Mean'] == pytest.approx(np.mean(region))
    assert found['F-Mean'] == pytest.approx(np.mean(contour))
    assert found['J&F-Mean'] == pytest.approx((np.mean(region) + np.mean(contour)) / 2)


def test_a_metric_can_be_given_and_any_stream_scored(tmp_path):
    metric = VOSMetric(protocol='davis2016', out_file=str(tmp_path / 'scores.json'))

    def truth(video):
        for t, name in enumerate(video.source.frame_names):
            yield FrameResult(t, name, video.annotation.mask(t), {})

    assert evaluate_stream(metric, iter([video()]), truth)['J&F-Mean'] == 1
    assert list(metric.scores.per_object) == ['clip'] and (tmp_path / 'scores.json').is_file()


def test_errors_name_the_video():
    with pytest.raises(AnnotationError, match='clip'):
        next(filled_box(video(annotated=False)))
    small = Prompts({0: [ObjectPrompt(1, mask=np.ones((3, 4), bool))]})
    with pytest.raises(PromptError, match='clip, frame 00000: mask of object 1 is 4x3, the video is 50x30'):
        next(copy_first_mask(video(small)))
