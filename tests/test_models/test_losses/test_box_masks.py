"""Boxes as masks, and the part of a map that holds them."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vosplug.models.losses.box_masks import Region, boxes_to_masks, hull, weighted_mean

SIZE = (6, 8)


@pytest.mark.parametrize(
    ('box', 'rows', 'cols'),
    [
        ((2, 1, 5, 4), (1, 4), (2, 5)),
        ((2.4, 1.4, 5.6, 4.6), (1, 5), (2, 6)),  # a pixel is in where its centre is
        ((2.6, 1.6, 5.4, 4.4), (2, 4), (3, 5)),
        ((-3, -3, 99, 99), (0, 6), (0, 8)),
        ((3, 3, 3, 3), (0, 0), (0, 0)),
    ],
)
def test_pixels_whose_centres_are_in_the_box(box, rows, cols):
    expected = torch.zeros(SIZE)
    expected[slice(*rows), slice(*cols)] = 1
    assert torch.equal(boxes_to_masks(torch.tensor(box, dtype=torch.float32), SIZE), expected)


def test_weighted_mean_of_nothing_is_zero_with_a_gradient():
    values = torch.ones(3, requires_grad=True)
    mean = weighted_mean(values, torch.zeros(3))
    mean.backward()
    assert mean == 0 and not values.grad.any()


def test_hull_of_several_masks():
    masks = torch.zeros(2, 3, *SIZE)
    masks[0, 1, 2, 5] = 1
    masks[1, 0, 4, 3] = 0.1
    assert hull(masks) == Region(top=2, bottom=5, left=3, right=6)
    assert hull(torch.zeros(2, *SIZE)) is None


@st.composite
def regions(draw) -> Region:
    top, left = draw(st.integers(0, SIZE[0] - 1)), draw(st.integers(0, SIZE[1] - 1))
    return Region(top, draw(st.integers(top + 1, SIZE[0])), left, draw(st.integers(left + 1, SIZE[1])))


@given(regions(), st.integers(0, 9))
def test_cut_is_the_map_with_a_border_around_it(region, reach):
    maps = torch.arange(1.0, 49).view(1, *SIZE)
    around = torch.full((1, SIZE[0] + 18, SIZE[1] + 18), -1.0)
    around[:, 9:-9, 9:-9] = maps
    top, left = region.top + 9 - reach, region.left + 9 - reach
    height, width = (n + 2 * reach for n in region.size)
    found = region.cut(maps, reach, fill=-1.0)
    assert torch.equal(found, around[:, top : top + height, left : left + width])


@given(regions(), st.integers(0, 9))
def test_what_is_cut_out_goes_back_to_its_place(region, reach):
    maps = torch.arange(1.0, 49).view(1, *SIZE)
    grown = region.grown(reach, SIZE)
    expected = torch.zeros_like(maps)
    rows, cols = slice(grown.top, grown.bottom), slice(grown.left, grown.right)
    expected[:, rows, cols] = maps[:, rows, cols]
    assert torch.equal(region.put_back(region.cut(maps, reach), SIZE, reach), expected)
