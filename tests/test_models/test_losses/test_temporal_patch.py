"""The temporal loss against MaskFreeVIS', and by its properties.

MaskFreeVIS puts black around the image: a patch beyond the border is 27 zeros, resembles dark patches, counts
and costs nothing. Ours matches nothing there, so the tests put the black around the image themselves.
"""

import itertools

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from vosplug.errors import ConfigError
from vosplug.models.losses import (
    TemporalPatchConsistencyLoss,
    frame_pairs,
    label_disagreement,
    patch_similarity,
    rgb_to_lab,
    similar_patches,
)
from vosplug.models.losses.pixel_pairs import shifted, window
from vosplug.models.losses.temporal_patch import stop_gradient_average

SEARCH = window(3, 3)
REFERENCE_PAIRS = ((0, 1), (0, 2), (1, 2))  # neighbours from the first, centres from the second frame


def with_black_border(lab_a: torch.Tensor, lab_b: torch.Tensor, dy: int, dx: int) -> torch.Tensor:
    """MaskFreeVIS' similarity of all pixels (24, 32)."""
    a, b = F.pad(lab_a, (4, 4, 4, 4)), F.pad(lab_b, (4, 4, 4, 4))
    inside, beyond = (patch_similarity(a, other, dy, dx)[..., 4:-4, 4:-4] for other in (b, b * 0))
    return torch.where(exists(dy, dx) > 0, inside, beyond)


def exists(dy: int, dx: int) -> torch.Tensor:
    """1 where p + (dy, dx) is in the map."""
    rows, cols = (torch.arange(n) + d for n, d in ((24, dy), (32, dx)))
    return (((rows >= 0) & (rows < 24))[:, None] & ((cols >= 0) & (cols < 32))).float()


def reference_similarity(lab: torch.Tensor, first: int, second: int) -> torch.Tensor:
    """(clips, 9, 24, 32) of clips (clips, T, 3, 24, 32)."""
    return torch.stack([with_black_border(lab[:, second], lab[:, first], dy, dx) for dy, dx in SEARCH], 1)


@pytest.mark.parametrize('pair', REFERENCE_PAIRS)
def test_similarity_equals_the_reference(maskfreevis, pair):
    found = reference_similarity(maskfreevis['lab'], *pair)
    torch.testing.assert_close(found, maskfreevis['sim_nei{}{}'.format(*pair)], rtol=1e-5, atol=1e-6)


def test_best_matches_equal_the_reference(maskfreevis):
    similarity = maskfreevis['sim_nei01']
    found = similar_patches(similarity, 5, 0.0) * similarity
    assert torch.equal(found, maskfreevis['topk5_nei01'])


def test_disagreement_equals_the_reference(maskfreevis, queries):
    expected = maskfreevis['neighbor_map01']  # of the first two queries of the first clip
    for k, (dy, dx) in enumerate(SEARCH):
        found = label_disagreement(queries[0, :2, 1], shifted(queries[0, :2, 0], dy, dx)) * exists(dy, dx)
        torch.testing.assert_close(found.detach(), expected[:, k], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize('iteration', [1, 500, 2000, 5000])
def test_loss_and_gradient_equal_the_reference(maskfreevis, queries, tracks, iteration):
    loss = 0
    union = (maskfreevis['box_masks'].sum(1) >= 1).float()
    for first, second in REFERENCE_PAIRS:
        similarity = reference_similarity(maskfreevis['lab'], first, second)[maskfreevis['clip']]
        matches = similar_patches(similarity, 5, 0.05) * union.unsqueeze(1)
        costs = [
            label_disagreement(tracks[:, second], shifted(tracks[:, first], dy, dx)) * exists(dy, dx)
            for dy, dx in SEARCH
        ]
        loss = loss + (matches * torch.stack(costs, 1)).sum() / matches.sum()
    warm_up = min(iteration / 2000, 1)
    loss = 0.1 * warm_up * loss
    loss.backward()
    expected = maskfreevis['values'][f'iter{iteration}']['loss_bound_neighbor']
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    gradient = warm_up * maskfreevis['grad_loss_bound_neighbor']
    torch.testing.assert_close(queries.grad, gradient, rtol=1e-4, atol=1e-7)


# ------------------------------------------------------------------ the module

SIZE = 9


def small_clip(frames: int = 3, objects: int = 2, seed: int = 0) -> tuple[torch.Tensor, ...]:
    """Logits, boxes and images of one clip; low contrast, so that patches match."""
    generator = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(1, frames, objects, SIZE, SIZE, generator=generator)
    images = 120 + 4 * torch.rand(1, frames, 3, SIZE, SIZE, generator=generator)
    boxes = torch.tensor([[1.0, 2, 6, 7], [3, 0, 9, 5]])[:objects].expand(1, frames, objects, 4).clone()
    boxes[:, 1:2] += 1
    return logits.requires_grad_(), boxes, images


def small_loss(**changes) -> TemporalPatchConsistencyLoss:
    options = dict(stride=1, search_dilation=1, top_k=4, threshold=0.02)
    return TemporalPatchConsistencyLoss(**{**options, **changes})


def written_out(
    logits, boxes, images, patch_reach: int, one_sided: bool, top_k: int = 4, pooled: bool = True
) -> torch.Tensor:
    """The same loss pixel by pixel: 3x3 patches, 3x3 search, the best from 0.02 on, a cycle of frames."""
    lab, total, count = rgb_to_lab(images), 0, 0
    frames, inner, around = logits.shape[1], range(1, SIZE - 1), [-1, 0, 1]
    for t, n, y, x in itertools.product(range(frames), range(logits.shape[2]), inner, inner):
        u = (t + 1) % frames
        in_box = [b[0] <= x + 0.5 < b[2] and b[1] <= y + 0.5 < b[3] for b in boxes[0, [t, u], n]]
        if not any(in_box):
            continue
        places = [(y + dy, x + dx) for dy in around for dx in around if y + dy in inner and x + dx in inner]
        here = lab[0, t, :, y - 1 : y + 2, x - 1 : x + 2]
        similar = [(-(lab[0, u, :, v - 1 : v + 2, w - 1 : w + 2] - here).norm() / 2).exp() for v, w in places]
        for similarity, (v, w) in sorted(zip(similar, places, strict=True), reverse=True)[:top_k]:
            if similarity < 0.02:
                continue
            reach = range(-patch_reach, patch_reach + 1)
            p = logits[0, t, n, y, x]
            others = [logits[0, u, n, v + dv, w + dw] for dv in reach for dw in reach]
            for q in others:
                sides = [(p, q.detach()), (p.detach(), q)] if one_sided else [(p, q)]
                terms = [
                    -torch.log(a.sigmoid() * b.sigmoid() + (-a).sigmoid() * (-b).sigmoid()) for a, b in sides
                ]
                total, count = total + sum(terms) / len(terms), count + 1
    return total / (count if pooled else SIZE**2 * frames * logits.shape[2])


@pytest.mark.parametrize(('consistency', 'reach'), [('patch', 1), ('center', 0)])
@pytest.mark.parametrize('detach', [True, False])
def test_equations_3_18_to_3_22_pixel_by_pixel(consistency, reach, detach):
    logits, boxes, images = small_clip(objects=1)
    loss = small_loss(consistency=consistency, detach=detach)(logits, boxes, images)
    expected = written_out(logits, boxes, images, reach, one_sided=detach)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5) and loss > 0.3
    found, wanted = (torch.autograd.grad(value, logits)[0] for value in (loss, expected))
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize('frames', [2, 3])
def test_the_sums_and_means_of_the_thesis_pixel_by_pixel(frames):
    """Eq. 3.18: all patches, all of their pixels; eq. 3.16, 3.19 and 3.20: HW, pairs and objects."""
    logits, boxes, images = small_clip(frames=frames)
    loss = small_loss(average='pixels', top_k=None)(logits, boxes, images)
    expected = written_out(logits, boxes, images, 1, one_sided=True, top_k=9, pooled=False)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5) and loss > 0.3
    found, wanted = (torch.autograd.grad(value, logits)[0] for value in (loss, expected))
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-7)


def test_objects_have_the_same_weight_in_a_mean_per_object():
    logits, boxes, images = small_clip()
    loss = small_loss(average='pixels')
    each = [loss(logits[:, :, n : n + 1], boxes[:, :, n : n + 1], images) for n in range(2)]
    assert each[0].item() != pytest.approx(each[1].item(), rel=0.1)
    assert loss(logits, boxes, images).item() == pytest.approx(sum(each).item() / 2, rel=1e-5)


@given(st.floats(-30, 30), st.floats(-30, 30))
def test_stop_gradient_average_is_half_the_gradient(a, b):
    a, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (a, b))
    literal = (label_disagreement(a, b.detach()) + label_disagreement(a.detach(), b)) / 2
    short = stop_gradient_average(label_disagreement(a, b))
    assert short.item() == literal.item()
    assert torch.autograd.grad(short, (a, b)) == torch.autograd.grad(literal, (a, b))


def test_pairs_of_frames():
    assert frame_pairs(4) == [(0, 1), (1, 2), (2, 3), (3, 0)]
    assert frame_pairs(4, 'consecutive') == [(0, 1), (1, 2), (2, 3)]
    assert frame_pairs(2) == [(0, 1), (1, 0)] and frame_pairs(1) == []
    assert frame_pairs(2, 'consecutive') == [(0, 1)]


def test_cyclic_pairs_add_the_last_with_the_first():
    logits, boxes, images = small_clip()
    boxes[:, 1] = 0  # the middle frame still counts where the others' boxes are
    small_loss(pairs='consecutive')(logits, boxes, images).backward()
    consecutive = logits.grad.clone()
    cyclic = torch.autograd.grad(small_loss()(logits, boxes, images), logits)[0]
    assert not torch.allclose(consecutive[:, 0], cyclic[:, 0])


def test_a_single_frame_gives_exactly_zero_with_a_gradient_path():
    logits, boxes, images = small_clip(frames=1)
    loss = small_loss()(logits, boxes, images)
    loss.backward()
    assert loss == 0 and not logits.grad.any()


def moving_texture(shift: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Two frames (32, 32) of a texture that moves right by ``shift``, and a disk that moves with it."""
    generator = torch.Generator().manual_seed(0)
    texture = 255 * torch.rand(3, 32, 64, generator=generator)
    y, x = torch.meshgrid(torch.arange(32.0), torch.arange(64.0), indexing='ij')
    disk = 16 * (((y - 16) ** 2 + (x - 32) ** 2 < 64).float() - 0.5)
    crops = [slice(16, 48), slice(16 - shift, 48 - shift)]
    return (
        torch.stack([disk[:, c] for c in crops])[None, :, None],
        torch.tensor([0.0, 0, 32, 32]).expand(1, 2, 1, 4),
        torch.stack([texture[..., c] for c in crops])[None],
    )


@pytest.mark.parametrize('consistency', ['patch', 'center'])
def test_a_mask_that_moves_with_the_image_costs_least(consistency):
    logits, boxes, images = moving_texture(3)
    loss = TemporalPatchConsistencyLoss(stride=1, consistency=consistency)
    follows = loss(logits, boxes, images)
    stays = loss(logits[:, [0, 0]], boxes, images)
    assert stays > 2 * follows
    if consistency == 'center':
        assert follows.item() == pytest.approx(0, abs=1e-2)


@settings(max_examples=10)
@given(st.sampled_from([-2, -1]), st.integers(0, 2**16))
def test_mirroring_changes_nothing(axis, seed):
    logits, boxes, images = small_clip(seed=seed)
    mirrored = boxes.clone()
    low, high = (0, 2) if axis == -1 else (1, 3)
    mirrored[..., low], mirrored[..., high] = SIZE - boxes[..., high], SIZE - boxes[..., low]
    expected = small_loss()(logits, boxes, images).item()
    found = small_loss()(logits.flip(axis), mirrored, images.flip(axis)).item()
    assert found == pytest.approx(expected, rel=1e-4)


def test_a_patch_that_leaves_the_image_matches_nothing_even_in_the_dark():
    black = torch.zeros(3, SIZE, SIZE)
    inside = torch.zeros(SIZE, SIZE, dtype=torch.bool)
    inside[3:8, 1:5] = True  # both p and p + (-2, 3) are a pixel away from the border
    found = patch_similarity(black, black, -2, 3)
    assert (found[inside] == 1).all() and found[~inside].isnan().all()


@pytest.mark.parametrize('average', ['matches', 'pixels'])
@pytest.mark.parametrize('stride', [1, 2])
def test_padding_matches_nothing(stride, average):
    logits, boxes, images = (torch.cat([value, value], 0) for value in small_clip())
    logits, images = (
        F.interpolate(v.flatten(0, 1), scale_factor=2).unflatten(0, (2, 3)) for v in (logits, images)
    )
    images[..., 10:, :] = images[..., 12:] = torch.nan
    loss = small_loss(stride=stride, average=average)
    expected = loss(logits[..., :10, :12], 2 * boxes, images[..., :10, :12])
    assert expected > 0.1
    assert loss(logits, 2 * boxes, images).item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_box_of_either_frame_lets_a_pixel_count():
    logits, boxes, images = small_clip(frames=2, objects=1)
    images[:] = 100
    boxes[0, 0, 0], boxes[0, 1, 0] = torch.tensor([2.0, 2, 3, 3]), torch.tensor([6.0, 6, 7, 7])
    small_loss(search_size=1, top_k=1, consistency='center')(logits, boxes, images).backward()
    assert logits.grad[0, 0, 0].nonzero().tolist() == [[2, 2], [6, 6]]


@pytest.mark.parametrize('zeroed', ['boxes', 'weight'])
def test_nothing_that_counts_gives_exactly_zero_with_a_gradient_path(zeroed):
    logits, boxes, images = small_clip()
    weight = torch.full((1, 3, 2), float(zeroed != 'weight'))
    loss = small_loss()(logits, boxes * (zeroed != 'boxes'), images, weight)
    loss.backward()
    assert loss == 0 and not logits.grad.any()


def test_an_object_counts_only_where_it_does_in_both_frames():
    logits, boxes, images = small_clip()
    weight = torch.ones(1, 3, 2, dtype=torch.bool)
    weight[0, 0, 0] = weight[0, 1:, 1] = False
    small_loss()(logits, boxes, images, weight).backward()
    assert logits.grad[0].flatten(2).any(-1).tolist() == [[False, False], [True, False], [True, False]]


def test_the_threshold_and_the_number_of_matches_limit_what_counts():
    similarity = torch.tensor([0.9, 0.2, 0.5, torch.nan, 0.0]).view(5, 1, 1)
    assert similar_patches(similarity, 2, 0.0).flatten().tolist() == [True, False, True, False, False]
    assert similar_patches(similarity, 5, 0.3).flatten().tolist() == [True, False, True, False, False]
    for every in (5, None):
        assert similar_patches(similarity, every, 0.0).flatten().tolist() == [True, True, True, False, True]


def test_half_precision_and_large_logits_are_finite():
    logits, boxes, images = small_clip()
    logits = (8000 * logits.detach()).clamp(-6e4, 6e4).half().requires_grad_()
    loss = small_loss()(logits, boxes, images)
    loss.backward()
    assert loss.item() == small_loss()(logits.float(), boxes, images).item() > 1000
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize(
    ('option', 'value', 'said'),
    [
        ('patch_size', 2, 'found 2, expected an odd number'),
        ('search_size', 0, 'found 0, expected an odd number'),
        ('top_k', 10, 'found 10, expected 1 to 9'),
        ('pairs', 'all', "found 'all', expected one of"),
        ('consistency', 'centre', "found 'centre', expected one of"),
        ('average', 'objects', "found 'objects', expected one of"),
    ],
)
def test_user_errors_are_named(option, value, said):
    with pytest.raises(ConfigError, match=rf'TemporalPatchConsistencyLoss\.{option}: {said}'):
        TemporalPatchConsistencyLoss(**{option: value})
