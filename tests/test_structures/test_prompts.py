"""Prompts are checked when made, and keep the caller's ids."""

import numpy as np
import pytest
import torch

from vosplug.errors import PromptError
from vosplug.structures import ObjectPrompt, Prompts

MASK = np.eye(4, dtype=bool)
HUGE = 10**5000  # Python refuses to write it


@pytest.mark.parametrize(
    ('arguments', 'says'),
    [
        (dict(object_id=0, mask=MASK), '1..254'),
        (dict(object_id=255, mask=MASK), '1..254'),
        (dict(object_id=1), 'exactly one'),
        (dict(object_id=1, mask=MASK, box=(0, 0, 1, 1)), 'exactly one'),
        (dict(object_id=1, mask=MASK[None]), r'\(H, W\)'),
        (dict(object_id=1, mask=MASK * 3), 'id_mask == object_id'),
        (dict(object_id=1, box=(0, 0, 1)), '4 finite numbers'),
        (dict(object_id=1, box=(0, 0, np.nan, 1)), '4 finite numbers'),
        (dict(object_id=1, box=(5, 0, 5, 9)), 'no area'),
        (dict(object_id=1.5, mask=MASK), 'found 1.5, expected an integer'),
        (dict(object_id='1', mask=MASK), "found '1', expected an integer"),
        (dict(object_id=True, mask=MASK), 'found True, expected an integer'),
        (dict(object_id=None, mask=MASK), 'found None, expected an integer'),
        (dict(object_id=10**9, mask=MASK), '1..254'),
        (dict(object_id=1, mask='mask'), "bool or 0/1.*found 'mask'"),
        (dict(object_id=1, mask=[[0, 1], [1]]), 'bool or 0/1'),
        (dict(object_id=1, mask=[[0, None]]), 'bool or 0/1'),
        (dict(object_id=1, box=('1', '2', '3', '4')), '4 finite numbers'),
        (dict(object_id=1, box=(1, 2, 3, None)), '4 finite numbers'),
        (dict(object_id=1, box=(1, 2, 3, 1e300)), '4 finite numbers'),
        (dict(object_id=1, box=7), '4 finite numbers'),
        (dict(object_id=1, points='xyz'), r'\(K, 3\)'),
        (dict(object_id=1, box=(0, 9, 5, 2)), 'no area'),
        (dict(object_id=HUGE, mask=MASK), 'a int with a number of too many digits, expected an integer'),
        (dict(object_id=-(10**30), mask=MASK), 'expected an integer of at most 64 bits'),
        (dict(object_id=torch.tensor(True), mask=MASK), r'found tensor\(True\), expected an integer'),
        (dict(object_id=torch.tensor([1, 2]), mask=MASK), 'expected an integer'),
        (dict(object_id=torch.tensor(1, device='meta'), mask=MASK), 'expected an integer'),
        (dict(object_id=1, box=[0, 0, 5, HUGE]), '4 finite numbers.*found a list with a number of too many'),
        (dict(object_id=1, box=torch.ones(4, requires_grad=True)), r'4 finite numbers.*detach\(\)'),
        (dict(object_id=1, mask=torch.ones((4, 4), requires_grad=True)), r'bool or 0/1.*detach\(\)'),
    ],
)
def test_a_wrong_prompt_says_what_is_wrong(arguments, says):
    with pytest.raises(PromptError, match=f'object.*{says}'):
        ObjectPrompt(**arguments)


def test_a_prompt_is_a_mask_or_a_box():
    mask, box = ObjectPrompt(7, mask=MASK.astype(np.uint8)), ObjectPrompt(np.uint8(9), box=[1, 2, 3.5, 4])
    assert (mask.kind, mask.mask.dtype, box.kind, box.box.dtype) == ('mask', bool, 'box', np.float32)
    assert type(box.object_id) is int


def test_prompts_are_ordered_by_frame_and_ids_by_appearance():
    late, early = ObjectPrompt(2, box=(0, 0, 1, 1)), ObjectPrompt(200, box=(0, 0, 1, 1))
    prompts = Prompts({7: [late, early], 3: [early], 5: []})
    assert list(prompts) == [3, 7] and prompts.first_frame == 3 and prompts.object_ids == [200, 2]
    assert Prompts(prompts)[7] == [late, early]


@pytest.mark.parametrize(
    ('by_frame', 'says'),
    [
        ({}, 'empty'),
        ({HUGE: [ObjectPrompt(1, mask=MASK)]}, 'frame: found a int with a number of too many digits'),
        ({-HUGE: [ObjectPrompt(1, mask=MASK)]}, 'frame: found a int with a number of too many digits'),
        ({0: [HUGE]}, 'expected a list of ObjectPrompt, found a int with'),
        ([HUGE], 'found a list with a number of too many digits'),
        ({torch.tensor(False): [ObjectPrompt(1, mask=MASK)]}, r'frame: found tensor\(False\)'),
        (
            {0: [ObjectPrompt(1, mask=MASK)], torch.tensor(0): [ObjectPrompt(2, mask=MASK)]},
            'two keys stand for frame 0; give its prompts in one list',
        ),
        ({0: []}, 'empty'),
        ({-1: [ObjectPrompt(1, mask=MASK)]}, 'negative'),
        ({1.5: [ObjectPrompt(1, mask=MASK)]}, 'frame: found 1.5, expected an integer'),
        ({'0': [ObjectPrompt(1, mask=MASK)]}, "frame: found '0', expected an integer"),
        ({True: [ObjectPrompt(1, mask=MASK)]}, 'frame: found True, expected an integer'),
        ({0: ObjectPrompt(1, mask=MASK)}, r'frame 0: expected a list of ObjectPrompt, found ObjectPrompt\('),
        ({0: [None]}, 'frame 0: expected a list of ObjectPrompt, found None'),
        ({0: None}, 'frame 0: expected a list of ObjectPrompt, found None'),
        ([ObjectPrompt(1, mask=MASK)], r'expected \{frame: \[ObjectPrompt'),
        ({3: [ObjectPrompt(1, mask=MASK & False)]}, 'frame 3: object 1 has only empty masks'),
    ],
)
def test_wrong_prompts(by_frame, says):
    with pytest.raises(PromptError, match=says):
        Prompts(by_frame)


def test_a_single_mask_may_be_empty():
    empty, shown = ObjectPrompt(1, mask=MASK & False), ObjectPrompt(1, mask=MASK)
    assert list(Prompts({0: [empty], 2: [shown]})) == [0, 2]
    prompts = Prompts({np.int64(0): [ObjectPrompt(1, mask=MASK)], 2: [ObjectPrompt(1, mask=MASK & False)]})
    assert list(prompts) == [0, 2] and type(prompts.first_frame) is int


def test_an_object_twice_in_a_frame_is_an_error():
    with pytest.raises(PromptError, match='frame 4.*twice'):
        Prompts({4: [ObjectPrompt(1, mask=MASK), ObjectPrompt(1, box=(0, 0, 1, 1))]})


def test_from_id_mask_keeps_ids_and_leaves_void_out():
    mask = np.array([[0, 254, 5], [255, 5, 254]], np.uint8)
    prompts = Prompts.from_id_mask(mask, frame=2)
    assert {p.object_id: p.mask.tolist() for p in prompts[2]} == {i: (mask == i).tolist() for i in (5, 254)}


@pytest.mark.parametrize(
    ('points', 'says'),
    [
        ([[1, 2]], r'\(K, 3\)'),
        ([[1, 2, 0]], 'at least one of them 1'),
        ([[1, 2, 3]], 'must be 1'),
        ([[np.nan, 2, 1]], 'finite'),
    ],
)
def test_points_of_another_form_are_refused(points, says):
    with pytest.raises(PromptError, match=says):
        ObjectPrompt(1, points=points)


def test_points_are_a_kind_of_prompt_of_their_own():
    prompt = ObjectPrompt(1, points=[(3, 4, 1), (9, 9, 0)])
    assert prompt.kind == 'points' and prompt.points.dtype == np.float32
    with pytest.raises(PromptError, match='exactly one'):
        ObjectPrompt(1, points=[(3, 4, 1)], box=(1, 1, 3, 3))


def test_the_nearest_prompt_of_an_object_is_the_earlier_of_two():
    one, two = ObjectPrompt(1, box=(0, 0, 1, 1)), ObjectPrompt(2, box=(0, 0, 1, 1))
    prompts = Prompts({2: [one], 6: [one, two], 7: [two]})
    assert [prompts.nearest_frame(1, t) for t in range(9)] == [2, 2, 2, 2, 2, 6, 6, 6, 6]
    assert [prompts.nearest_frame(2, t) for t in (0, 6, 7, 9)] == [6, 6, 7, 7]


@pytest.mark.parametrize(
    'wrong', [dict(points=[[1, 2, k] for k in range(100_000)]), dict(box=[1.0] * 100_000)]
)
def test_a_message_about_many_numbers_is_short(wrong):
    with pytest.raises(PromptError) as caught:
        ObjectPrompt(1, **wrong)
    assert len(str(caught.value)) < 500
