"""From source frames to working frames and back."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vosplug.models.streaming import Frame, Geometry


@given(st.integers(5, 90), st.integers(5, 90), st.integers(1, 17), st.booleans())
def test_padded_sides_are_multiples_and_maps_come_back(height, width, divisor, flip):
    geometry = Geometry.fit((height, width), flip=flip, divisor=divisor)
    array = np.random.default_rng(0).random((height, width)).astype(np.float32)
    padded = geometry.pad(torch.from_numpy(geometry.to_work(array))[None])
    assert all(
        side % divisor == 0 and side - own < divisor
        for side, own in zip(padded.shape[1:], (height, width), strict=True)
    )
    assert np.array_equal(geometry.to_source(padded)[0].numpy(), array)


@pytest.mark.parametrize(
    ('short_side', 'scale', 'work'), [(24, 1.0, (24, 32)), (24, 0.5, (12, 16)), (None, 2.0, (96, 128))]
)
def test_the_short_side_and_the_scale_set_the_working_resolution(short_side, scale, work):
    geometry = Geometry.fit((48, 64), short_side, scale)
    assert geometry.work == work
    assert geometry.to_work(np.zeros((48, 64, 3), np.uint8)).shape == (*work, 3)
    assert geometry.to_source(torch.zeros(2, *work)).shape == (2, 48, 64)


def test_the_odd_pixel_of_padding_lies_right_and_below():
    assert Geometry.fit((45, 61), divisor=16).padding == (1, 2, 1, 2)


def test_a_frame_is_normalised_and_encoded_once_per_owner():
    calls = []
    frame = Frame(
        3, '3', np.zeros((8, 9, 3), np.uint8), Geometry((8, 9), (8, 9)),
        lambda image, padding: calls.append(padding) or torch.zeros(1, 3, *image.shape[:2]),
    )  # fmt: skip
    assert frame.tensor is frame.tensor and calls == [(0, 0, 0, 0)]
    owners = object(), object()
    found = [frame.once(owner, 'x', object) for owner in (*owners, *owners)]
    assert found[0] is found[2] and found[1] is found[3] and found[0] is not found[1]


def test_what_was_computed_for_an_owner_is_not_taken_for_another_at_its_address():
    frame = Frame(0, '0', np.zeros((2, 2, 3), np.uint8), Geometry((2, 2), (2, 2)), lambda *_: torch.zeros(1))
    found = [frame.once(type('Owner', (), {})(), 'x', object) for _ in range(50)]
    assert len(set(map(id, found))) == 50
