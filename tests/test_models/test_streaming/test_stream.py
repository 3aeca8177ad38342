"""What a stream does around the three steps of any method."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from vosplug.errors import ConfigError, VOSError
from vosplug.models import StreamingModel, StreamingSegmentor
from vosplug.registry import MODELS
from vosplug.structures import ObjectPrompt

SIZE = (20, 30)
FRAMES = [np.full((*SIZE, 3), 10 * t, np.uint8) for t in range(5)]


def box_mask(x1: int, y1: int, x2: int, y2: int) -> np.ndarray:
    mask = np.zeros(SIZE, bool)
    mask[y1:y2, x1:x2] = True
    return mask


LEFT, RIGHT = box_mask(2, 2, 8, 10), box_mask(20, 5, 28, 15)


class Copying(StreamingSegmentor):
    """Copies the last masks; writes down what it is asked."""

    size_divisor = 8

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.calls: list[tuple] = []
        self.videos = []

    def start(self, video):
        self.videos.append(video)
        return SimpleNamespace(probs=None, segmented=0)

    def segment(self, state, frame):
        self.calls.append(('segment', frame.index, len(state.probs)))
        state.segmented += 1
        return torch.logit(state.probs, eps=1e-4)

    def remember(self, state, frame, probs, prompted):
        self.calls.append(('remember', frame.index, {slot: p.kind for slot, p in prompted.items()}))
        assert not torch.is_grad_enabled()
        state.probs = probs


def test_steps_come_in_order_and_remember_is_told_who_was_prompted_and_how():
    model = Copying()
    prompts = {
        1: [ObjectPrompt(7, mask=LEFT)],
        3: [ObjectPrompt(7, mask=LEFT), ObjectPrompt(2, box=(20, 5, 28, 15))],
    }
    results = list(model.stream(FRAMES, prompts))
    assert model.calls == [
        ('remember', 1, {0: 'mask'}),
        ('segment', 2, 1),
        ('remember', 2, {}),
        ('segment', 3, 1),  # all that it knows is prompted, and still the state may advance
        ('remember', 3, {0: 'mask', 1: 'box'}),
        ('segment', 4, 2),
        ('remember', 4, {}),
    ]
    assert np.array_equal(results[4].mask == 7, LEFT) and np.array_equal(results[4].mask == 2, RIGHT)
    assert results[4].presence[7] > 0.9 and results[4].scores[2] > 0.9


def test_a_method_may_leave_out_frames_whose_objects_are_all_prompted():
    model = Copying()
    model.skips_prompted_frames = True
    list(model.stream(FRAMES, {t: [ObjectPrompt(7, mask=LEFT)] for t in (0, 2)}))
    assert [call[:2] for call in model.calls if call[0] == 'segment'] == [('segment', t) for t in (1, 3, 4)]


def test_the_view_of_a_video_is_told_to_the_method():
    model = Copying(test_cfg=dict(short_side=10, scales=(1.0, 2.0), flip=True))
    list(model.stream(FRAMES[:2], {0: [ObjectPrompt(1, mask=LEFT)]}))
    assert [(v.size, v.geometry.work, v.geometry.flip) for v in model.videos] == [
        (SIZE, (10, 15), False), (SIZE, (10, 15), True), (SIZE, (20, 30), False), (SIZE, (20, 30), True),
    ]  # fmt: skip


def test_refining_works_on_a_state_that_is_thrown_away():
    model = Copying(initializer=dict(type='FilledBoxInitializer', refine=True))
    states = []
    start = model.start
    model.start = lambda video: states.append(start(video)) or states[-1]
    list(model.stream(FRAMES[:2], {0: [ObjectPrompt(1, box=(2, 2, 8, 10))]}))
    assert [call[:2] for call in model.calls] == [
        ('remember', 0), ('segment', 0), ('remember', 0), ('segment', 1), ('remember', 1),
    ]  # fmt: skip
    assert states[0].segmented == 1  # the other one was the fork's


class Halving:
    """A post-processor that knows its frame."""

    def __call__(self, frame, probs):
        assert frame.image.shape[:2] == probs.shape[1:] == SIZE
        probs = probs.clone()
        probs[1:, :, frame.index :] = 0
        return probs


class Winner:
    """An aggregation: the most probable object gets the pixel."""

    def __call__(self, prob):
        background = 1 - prob.amax(-3, keepdim=True)
        return torch.logit(torch.cat([background, prob], -3), eps=1e-4) * 50


@pytest.fixture
def registered():
    for cls in (Halving, Winner):
        MODELS.register_module(module=cls, force=True)


def test_frames_that_are_views_of_other_arrays_are_contiguous_for_trackers_and_flow():
    model, images = Copying(), []
    segment = model.segment
    model.segment = lambda state, frame: images.append(torch.from_numpy(frame.image)) or segment(state, frame)
    rgb = [np.arange(t, t + 20 * 30 * 3).reshape(20, 30, 3).astype(np.uint8) for t in range(3)]
    list(model.stream([frame[..., ::-1] for frame in rgb], {0: [ObjectPrompt(1, mask=LEFT)]}))
    assert [image.flip(-1).numpy().tolist() for image in images] == [frame.tolist() for frame in rgb[1:]]
    assert torch.from_numpy(model.videos[0].source[0]).shape == (20, 30, 3)


def test_post_processing_changes_results_and_not_what_is_remembered(registered):
    model = Copying(test_cfg=dict(postprocess=[dict(type='Halving')], scales=(0.5, 1.0)))
    results = list(model.stream(FRAMES, {0: [ObjectPrompt(1, mask=LEFT)]}))
    assert np.array_equal(results[0].mask == 1, LEFT)  # given masks come back verbatim
    assert results[3].mask.any() and not results[3].mask[:, 3:].any()
    assert results[4].mask[:, 3].any() and not results[4].mask[:, 4:].any()


def test_the_aggregation_is_exchangeable(registered):
    both = {0: [ObjectPrompt(1, mask=LEFT), ObjectPrompt(2, mask=LEFT | RIGHT)]}
    soft, hard = (
        list(Copying(test_cfg=cfg).stream(FRAMES[:2], both, return_probs=True))[1].probs
        for cfg in ({}, dict(aggregation=dict(type='Winner')))
    )
    assert np.allclose(hard.sum(0), 1, atol=1e-4) and not np.allclose(soft, hard, atol=1e-2)


def test_logits_of_another_shape_are_refused_with_what_was_expected():
    model = Copying()
    model.segment = lambda state, frame: torch.zeros(1, 5, 5)
    with pytest.raises(
        VOSError, match=r'Copying.segment: returned Tensor of shape \(1, 5, 5\), expected .*\(1, 24, 32\)'
    ):
        list(model.stream(FRAMES, {0: [ObjectPrompt(1, mask=LEFT)]}))


@pytest.mark.parametrize('refine', [False, True])
def test_an_object_is_absent_where_its_logits_are_nan_and_others_stay(refine):
    model = Copying(initializer=dict(type='FilledBoxInitializer', refine=refine))
    segment = model.segment

    def with_nan(state, frame):
        logits = segment(state, frame)
        logits[0] = torch.nan
        return logits

    model.segment = with_nan
    prompts = {0: [ObjectPrompt(1, box=(2, 2, 8, 10)), ObjectPrompt(2, mask=RIGHT)]}
    for result in list(model.stream(FRAMES[:3], prompts, return_probs=True))[1:]:
        assert np.array_equal(result.mask == 2, RIGHT) and not (result.mask == 1).any()
        assert result.scores[1] == 0 and result.presence[1] < 1e-3 < 0.99 < result.presence[2]
        assert np.isfinite(result.probs).all()


def test_unknown_test_options_are_refused():
    with pytest.raises(ConfigError, match="unknown 'shortside'. Did you mean 'short_side'"):
        Copying(test_cfg=dict(shortside=3))


def test_options_of_a_streaming_model_are_those_of_its_tracker():
    MODELS.register_module(module=Copying, force=True)
    tracker = dict(type='Copying', test_cfg=dict(short_side=12, flip=True))
    model = StreamingModel(tracker, test_cfg=dict(short_side=24, direction='both'))
    assert model.tracker.test_cfg == dict(short_side=24, flip=True, direction='both')
    assert tracker['test_cfg'] == dict(short_side=12, flip=True)
    with pytest.raises(ConfigError, match='is already built'):
        StreamingModel(Copying(), test_cfg=dict(flip=True))


def test_box_to_mask_models_are_given_all_boxes_of_their_objects():
    model, seen = Copying(), []

    def initializer(frames, t, boxes):
        seen.append((t, len(frames), {u: rows.tolist() for u, rows in boxes.items()}))
        assert frames[t].shape == (*SIZE, 3)
        return np.stack([LEFT, RIGHT][: len(boxes[t])]).astype(np.float32)

    initializer.refine = False
    model.initializer = initializer
    first, second = ObjectPrompt(5, box=(2, 2, 8, 10)), ObjectPrompt(9, box=(20, 5, 28, 15))
    list(model.stream(FRAMES, {0: [first, second], 3: [second]}))
    (t, length, boxes), later = seen
    assert (t, length) == (0, 5) and boxes[0] == [[2, 2, 8, 10], [20, 5, 28, 15]]
    assert np.isnan(boxes[3][0]).all() and boxes[3][1] == [20, 5, 28, 15]
    assert later[0] == 3 and later[2] == {0: [[20, 5, 28, 15]], 3: [[20, 5, 28, 15]]}


@pytest.mark.parametrize('kind', ['box', 'points'])
@pytest.mark.parametrize('dtype', [bool, np.float64])
def test_masks_of_an_initializer_may_be_of_any_type_that_is_a_probability(kind, dtype):
    model = Copying(test_cfg=dict(short_side=10))
    initializer = lambda frames, t, boxes: LEFT[None].astype(dtype)  # noqa: E731
    initializer.from_points = lambda image, points: LEFT.astype(dtype)
    initializer.refine = False
    model.initializer = initializer
    prompt = ObjectPrompt(5, **dict(box=dict(box=(2, 2, 8, 10)), points=dict(points=[[4, 4, 1]]))[kind])
    first = next(model.stream(FRAMES, {0: [prompt]}))
    assert np.array_equal(first.mask == 5, LEFT)


@pytest.mark.parametrize('wrong', [LEFT[None], torch.from_numpy(LEFT), None])
def test_a_mask_from_points_of_another_shape_or_type_is_refused_with_what_was_expected(wrong):
    model = Copying()
    model.initializer = SimpleNamespace(from_points=lambda image, points: wrong, refine=False)
    with pytest.raises(
        VOSError, match=r'SimpleNamespace.from_points: returned .*, expected a ndarray of .*\(20, 30\)\.'
    ):
        next(model.stream(FRAMES, {0: [ObjectPrompt(5, points=[[4, 4, 1]])]}))
