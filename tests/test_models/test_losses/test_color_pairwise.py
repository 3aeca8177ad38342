"""The pairwise loss against BoxInst's.

BoxInst visits every neighbour of every pixel of the box, so it counts a pair with both ends in the box
twice; ours visits every pair once and weighs it by how many of its ends lie in the box. Outside of the image
BoxInst has similarity 0, ours has no pair.
"""

import itertools

import pytest
import torch
import torch.nn.functional as F
from golden_inputs import pair, randn

from vosplug.errors import ConfigError
from vosplug.models.losses import ColorPairwiseLoss, label_disagreement, rgb_to_lab
from vosplug.models.losses.color_pairwise import _shifts
from vosplug.models.losses.pixel_pairs import aligned_similarity

PADDED_FROM = 21  # rows of the stride-4 map that lie in the goldens' 10 padded rows


def color_similarity(lab: torch.Tensor, dy: int, dx: int) -> torch.Tensor:
    """Of all pairs of pixels (dy, dx) apart in (..., 3, H, W)."""
    return aligned_similarity(*pair(lab, dy, dx), patch_size=1, gamma=2.0)


def disagreement(logits: torch.Tensor, dy: int, dx: int) -> torch.Tensor:
    """Of all pairs of pixels (dy, dx) apart in (..., H, W)."""
    return label_disagreement(*pair(logits, dy, dx))


@pytest.fixture
def image(golden) -> torch.Tensor:
    """(3, 24, 32) RGB with the padding marked as such."""
    image = golden['ds_rgb_byte'].float()
    image[:, PADDED_FROM:] = torch.nan
    return image


def test_lab_equals_skimage(golden):
    lab = rgb_to_lab(golden['ds_rgb_byte'].float())
    torch.testing.assert_close(lab.permute(1, 2, 0), golden['lab'], rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    ('rgb', 'lab'),
    [  # scikit-image 0.26.0
        ((255, 255, 255), (100.0, -0.0025, 0.0047)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((1, 1, 1), (0.2742, 0.0, 0.0)),
        ((128, 128, 128), (53.585, -0.0015, 0.0028)),
        ((255, 0, 0), (53.2406, 80.0923, 67.2028)),
        ((0, 255, 0), (87.7351, -86.183, 83.1797)),
        ((0, 0, 255), (32.2957, 79.1856, -107.8573)),
        ((12, 200, 77), (70.8157, -66.5435, 48.8732)),
        ((240, 3, 190), (54.3572, 87.1908, -33.6344)),
    ],
)
def test_lab_of_known_colours(rgb, lab):
    found = rgb_to_lab(torch.tensor(rgb, dtype=torch.float32).view(3, 1, 1)).flatten()
    torch.testing.assert_close(found, torch.tensor(lab, dtype=torch.float32), rtol=0, atol=1e-3)


def test_lab_keeps_its_precision_under_autocast(golden):
    with torch.autocast('cpu', torch.bfloat16):
        lab = rgb_to_lab(golden['ds_rgb_byte'].float())
    torch.testing.assert_close(lab.permute(1, 2, 0), golden['lab'], rtol=0, atol=1e-3)


def test_lab_has_a_finite_gradient_everywhere():
    rgb = torch.cat([torch.arange(256.0).expand(3, 1, 256), 255 * torch.rand(3, 1, 256)], -1).requires_grad_()
    rgb_to_lab(rgb).sum().backward()
    assert rgb.grad.isfinite().all()


def test_similarity_equals_the_reference(golden, image):
    lab = rgb_to_lab(image)
    for k, (dy, dx) in enumerate(_shifts(3, 2)):
        expected, _ = pair(golden['color_similarity'][0, k], dy, dx)
        torch.testing.assert_close(
            color_similarity(lab, dy, dx).nan_to_num(0), torch.where(_padded(dy, dx), 0, expected),
            rtol=0, atol=1e-4,
        )  # fmt: skip


def _padded(dy: int, dx: int) -> torch.Tensor:
    rows = (torch.arange(24) >= PADDED_FROM)[:, None].expand(24, 32)
    here, there = pair(rows, dy, dx)
    return here | there


@pytest.mark.parametrize(
    ('name', 'kernel', 'dilation'),
    [('', 3, 2), ('_k3_d1', 3, 1), ('_k3_d3', 3, 3), ('_k5_d2', 5, 2)],
)
def test_disagreement_equals_the_reference_for_every_kernel(golden, logits, name, kernel, dilation):
    expected = golden[f'pairwise_map{name}']
    shifts = _shifts(kernel, dilation)
    assert 2 * len(shifts) == expected.shape[1]
    for k, (dy, dx) in enumerate(shifts):
        here, _ = pair(expected[:, k], dy, dx)
        found = disagreement(logits.detach(), dy, dx)
        torch.testing.assert_close(found, here, rtol=1e-5, atol=1e-5)
        # the other half of the neighbours are the same pairs from their other end
        _, there = pair(expected[:, -1 - k], dy, dx)
        torch.testing.assert_close(found, there, rtol=1e-5, atol=1e-5)


def test_large_logits_do_not_overflow(golden, big_logits):
    for k, (dy, dx) in enumerate(_shifts(3, 2)):
        here, _ = pair(golden['pairwise_map_big'][:, k], dy, dx)
        torch.testing.assert_close(disagreement(big_logits, dy, dx), here, rtol=1e-5, atol=1e-4)


def test_value_and_gradient_equal_the_reference(golden, logits, boxes, image):
    # from iteration 10000 on BoxInst's warm-up is over
    loss = ColorPairwiseLoss(stride=1)(logits, boxes, image)
    loss.backward()
    assert loss.item() == pytest.approx(golden['values']['iter10000']['loss_pairwise'], rel=1e-5)
    torch.testing.assert_close(logits.grad, golden['grad_pairwise'][:, 0], rtol=1e-4, atol=1e-7)


def test_the_sums_and_means_of_the_thesis_pixel_by_pixel():
    """Eq. 3.16: every pixel of the box with each of its neighbours, over HW; eq. 3.17: mean over objects."""
    logits, image = randn(3, (2, 3, 9, 9), 2.0).requires_grad_(), 120 + randn(4, (2, 3, 9, 9), 2.0)
    boxes = torch.tensor([[2.0, 1, 8, 7], [0, 3, 4, 9], [0, 0, 9, 9]]).expand(2, 3, 4)
    weight, lab = torch.tensor([[True, True, False], [False, True, False]]), rgb_to_lab(image)
    total, around = 0, [(y, x) for y in (-2, 0, 2) for x in (-2, 0, 2) if y or x]
    for f, n in weight.nonzero().tolist():
        x1, y1, x2, y2 = boxes[f, n].int().tolist()
        for y, x, (dy, dx) in itertools.product(range(y1, y2), range(x1, x2), around):
            v, w = y + dy, x + dx
            if v in range(9) and w in range(9):
                same = (-(lab[f, :, y, x] - lab[f, :, v, w]).norm() / 2).exp() >= 0.3
                total = total + same * label_disagreement(logits[f, n, y, x], logits[f, n, v, w])
    expected = total / 81 / 3
    loss = ColorPairwiseLoss(stride=1, average='pixels')(logits, boxes, image, weight)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5) and loss > 0.1
    found, wanted = (torch.autograd.grad(value, logits)[0] for value in (loss, expected))
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-7)


def test_an_unknown_average_is_named():
    with pytest.raises(ConfigError, match="ColorPairwiseLoss.average: found 'box', expected one of"):
        ColorPairwiseLoss(average='box')


@pytest.mark.parametrize('size', [0, 4])
def test_a_kernel_without_a_centre_is_refused(size):
    with pytest.raises(ConfigError, match=f'ColorPairwiseLoss.kernel_size: found {size}, expected an odd'):
        ColorPairwiseLoss(kernel_size=size)


def test_pairs_of_other_colours_do_not_count():
    image = torch.zeros(3, 8, 8)
    image[:, :, 4:] = 255
    logits = torch.full((1, 8, 8), -3.0)
    logits[..., 4:] = 3.0
    box = torch.tensor([[0.0, 0, 8, 8]])
    loss = ColorPairwiseLoss(stride=1, dilation=1)
    along_the_edge = loss(logits, box, image).item()
    # every pair that counts has equal logits, so the mean is the value of one
    expected = label_disagreement(*torch.tensor([3.0, 3.0])).item()
    assert along_the_edge == pytest.approx(expected, rel=1e-5)
    assert loss(logits, box, torch.zeros(3, 8, 8)).item() > 3 * expected


def test_only_pairs_that_touch_the_box_count():
    logits = randn(0, (1, 16, 16), 1.0).requires_grad_()
    ColorPairwiseLoss(stride=1)(logits, torch.tensor([[6.0, 6, 8, 8]]), torch.zeros(3, 16, 16)).backward()
    rows, cols = logits.grad[0].nonzero().T
    assert (rows.min(), rows.max(), cols.min(), cols.max()) == (4, 9, 4, 9)


@pytest.mark.parametrize('average', ['matches', 'pixels'])
def test_padding_supplies_no_pairs(average):
    box, logits = torch.tensor([[0.0, 0, 8, 8]]), randn(1, (1, 16, 8), 1.0)
    image = torch.zeros(3, 16, 8)
    image[:, 8:] = torch.nan
    loss = ColorPairwiseLoss(stride=2, average=average)
    assert loss(logits, box, image).item() == pytest.approx(loss(logits[:, :8], box, image[:, :8]).item())


def test_clips_are_reduced_like_images():
    logits, images = randn(2, (2, 3, 2, 16, 16), 1.0), 255 * torch.rand(2, 3, 3, 16, 16)
    boxes = torch.tensor([2.0, 2, 12, 12]).expand(2, 3, 2, 4)
    loss = ColorPairwiseLoss(stride=2, threshold=0.0)
    each = [loss(logits[b, t], boxes[b, t], images[b, t]) for b in range(2) for t in range(3)]
    assert loss(logits, boxes, images).item() == pytest.approx(torch.stack(each).mean().item(), rel=1e-5)


def test_no_object_gives_zero_with_a_gradient(logits, boxes, image):
    loss = ColorPairwiseLoss(stride=1)(logits, boxes, image, weight=torch.zeros(2))
    loss.backward()
    assert loss == 0 and not logits.grad.any()


def test_half_precision_and_large_logits_are_finite(logits, boxes):
    image = torch.full((3, 24, 32), 90.0)
    half = (8000 * logits.detach()).clamp(-6e4, 6e4).half().requires_grad_()
    loss = ColorPairwiseLoss(stride=1)(half, boxes, image)
    loss.backward()
    assert loss.item() == ColorPairwiseLoss(stride=1)(half.float(), boxes, image).item() > 1000
    assert half.grad.isfinite().all()


NEIGHBOURS = [*_shifts(3, 2), *((-dy, -dx) for dy, dx in reversed(_shifts(3, 2)))]


def at_every_pixel(function, maps: torch.Tensor, dy: int, dx: int) -> torch.Tensor:
    """A function of pixel pairs at p, p + (dy, dx) for all pixels p; beyond the map lie two zeros.

    MaskFreeVIS has no border: colours outside of the image are Lab 0, and may be alike.
    """
    padded = F.pad(maps, (2, 2, 2, 2))
    values = function(padded, dy, dx) if (dy, dx) < (0, 0) else function(padded, -dy, -dx)
    row, col = 2 + min(dy, 0), 2 - max(-dx, 0)
    return values[..., row : row + maps.shape[-2], col : col + maps.shape[-1]]


def _product(maps: torch.Tensor, dy: int, dx: int) -> torch.Tensor:
    here, there = pair(maps, dy, dx)
    return here * there


def test_similarity_beyond_the_border_equals_maskfreevis(maskfreevis):
    lab = maskfreevis['lab'].flatten(0, 1)
    for k, (dy, dx) in enumerate(NEIGHBOURS):
        found = at_every_pixel(color_similarity, lab, dy, dx)
        torch.testing.assert_close(found, maskfreevis['sim_spatial'][:, k], rtol=1e-5, atol=1e-6)


def test_spatial_loss_and_gradient_equal_maskfreevis(maskfreevis, queries, tracks):
    lab = maskfreevis['lab'][maskfreevis['clip']]
    total, count = 0, 0
    for dy, dx in NEIGHBOURS:
        pairs = (at_every_pixel(color_similarity, lab, dy, dx) >= 0.3) * maskfreevis['box_masks']
        # a pixel beyond the border has any label, at no cost, but counts
        exists = at_every_pixel(_product, torch.ones(24, 32), dy, dx)
        total = total + (pairs * exists * at_every_pixel(disagreement, tracks, dy, dx)).sum()
        count = count + pairs.sum()
    (total / count).backward()
    expected = maskfreevis['values']['iter1']['loss_bound']
    assert (total / count).item() == pytest.approx(expected, rel=1e-5)
    torch.testing.assert_close(queries.grad, maskfreevis['grad_loss_bound'], rtol=1e-4, atol=1e-7)
