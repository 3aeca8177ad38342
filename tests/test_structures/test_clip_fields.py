"""Clips carry fields that others register, like their own."""

import numpy as np
import pytest
import torch

from vosplug.errors import ConfigError
from vosplug.structures import (
    ClipField,
    Supervision,
    VOSDataSample,
    clip_fields,
    object_masks,
    pad_fields,
    register_clip_field,
    stack_fields,
)

DEPTH = register_clip_field('depth_for_test', 'T C H W', fill=-1, interpolation='linear')
SCORE = register_clip_field('score_for_test', 'N', fill=0.5)


def sample(length: int = 2, objects: int = 1, size: tuple[int, int] = (4, 6), **more) -> VOSDataSample:
    made = VOSDataSample(metainfo=dict(video_name='v'))
    id_masks = torch.zeros(length, *size, dtype=torch.uint8)
    id_masks[:, 1] = 1
    made.set_data(
        dict(
            id_masks=id_masks,
            boxes=torch.ones(length, objects, 4),
            visible=torch.ones(length, objects, dtype=torch.bool),
            supervision=torch.full((length, objects), int(Supervision.MASK)),
            annotated=torch.ones(length, dtype=torch.bool),
            valid=torch.ones(objects, dtype=torch.bool),
            start_masks=torch.ones(objects, *size),
            **more,
        )
    )
    return made


def test_every_field_is_padded_by_its_axes_with_its_fill():
    before = sample(depth_for_test=torch.ones(2, 3, 4, 6), score_for_test=torch.ones(1))
    padded = pad_fields(before, dict(T=3, N=2, H=8, W=7))
    shapes = dict(
        id_masks=(3, 8, 7), boxes=(3, 2, 4), visible=(3, 2), supervision=(3, 2), annotated=(3,), valid=(2,),
        start_masks=(2, 8, 7), depth_for_test=(3, 3, 8, 7), score_for_test=(2,),
    )  # fmt: skip
    assert {key: tuple(value.shape) for key, value in padded.items()} == shapes
    assert padded.video_name == 'v'
    for key, fill in dict(
        dict.fromkeys(shapes, 0), id_masks=255, depth_for_test=-1, score_for_test=0.5
    ).items():
        old, new = before.get(key), padded.get(key)
        inside = tuple(slice(n) for n in old.shape)
        assert new.dtype == old.dtype and torch.equal(new[inside], old)
        outside = torch.ones_like(new, dtype=torch.bool)
        outside[inside] = False
        assert outside.any() and (new[outside] == fill).all(), key


def test_fields_that_all_samples_have_are_stacked():
    stacked = stack_fields([sample(score_for_test=torch.ones(1), secret=torch.ones(1)), sample()])
    assert list(stacked) == [
        'id_masks', 'boxes', 'visible', 'supervision', 'annotated', 'valid', 'start_masks',
    ]  # fmt: skip
    assert stacked['id_masks'].shape == (2, 2, 4, 6) and stacked['valid'].shape == (2, 1)
    assert 'score_for_test' in stack_fields([sample(score_for_test=torch.ones(1))])


def test_masks_of_objects_leave_void_out():
    targets = stack_fields([pad_fields(sample(), dict(T=3, N=2, H=4, W=6))])
    targets['id_masks'][0, 0, 1, :2] = 255
    targets['id_masks'][0, 1, 2] = 2
    masks = object_masks(targets)
    assert masks.shape == (1, 3, 2, 4, 6) and masks.dtype == torch.float32
    expected = np.zeros((3, 2, 4, 6))
    expected[0, 0, 1, 2:] = expected[1, 0, 1] = expected[1, 1, 2] = 1
    assert np.array_equal(masks[0], expected)


def test_a_name_stands_for_one_field():
    assert register_clip_field('score_for_test', 'N', fill=0.5) == SCORE
    with pytest.raises(ConfigError, match="'score_for_test': already registered as ClipField.*another name"):
        register_clip_field('score_for_test', 'T N')
    assert clip_fields(['boxes', 'unknown', 'depth_for_test']) == [*clip_fields(['boxes']), DEPTH]


@pytest.mark.parametrize(
    ('arguments', 'says'),
    [
        (dict(axes='H W T'), 'T first'),
        (dict(axes='T H W C'), 'H W last'),
        (dict(axes='T W H'), 'H W last'),
        (dict(axes='N H'), 'H W last'),
        (dict(axes='T T'), 'each once'),
        (dict(axes='T H W', interpolation='cubic'), "interpolation 'cubic'"),
        (dict(axes='T H W', dtype='int64'), "dtype 'int64', expected one of"),
    ],
)
def test_fields_that_cannot_be_moved_are_config_errors(arguments, says):
    with pytest.raises(ConfigError, match=f"clip field 'x': .*{says}"):
        ClipField('x', **arguments)


def test_a_wrong_shape_is_named():
    DEPTH.check_shape((2, 9, 4, 6), dict(T=2, H=4, W=6))
    for shape in ((2, 4, 6), (3, 9, 4, 6)):
        with pytest.raises(
            ConfigError, match=r"'depth_for_test': expected axes \(T=2, C, H=4, W=6\), found shape"
        ):
            DEPTH.check_shape(shape, dict(T=2, H=4, W=6))
