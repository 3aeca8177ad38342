"""The published XMem, number by number (goldens xmem_modules, xmem_infer_lt and xmem_infer_nolt)."""

import numpy as np
import pytest
import torch
from golden_recipe import moving_rects, normalise, onehot, randn
from small_videos import states_during
from xmem_goldens import MEMORY, build_golden, case

from vosplug.models.aggregation import soft_aggregate
from vosplug.models.memory import anisotropic_similarity, match_weights, read_values, usage_of
from vosplug.structures import ObjectPrompt


@pytest.fixture(scope='module')
def model():
    return build_golden()


@pytest.fixture(scope='module', params=[1, 2])
def found(request, model) -> dict[str, torch.Tensor]:
    """What our parts give for the calls of the golden with one or two objects."""
    count = request.param
    frames, masks = moving_rects(100 + count, 3, 64, 96, count)
    images, masks = torch.from_numpy(normalise(frames)), torch.from_numpy(onehot(masks, count))
    hidden = torch.from_numpy(randn(7, (1, count, 64, 4, 6), 0.5))
    with torch.no_grad():
        _, features, keys = zip(*(model.encode(image[None]) for image in images), strict=True)
        value0, hidden1 = model.value_encoder(images[:1], features[0][-1], masks[:1], hidden)
        value1, hidden2 = model.value_encoder(images[1:2], features[1][-1], masks[1:2], hidden1)
        key = torch.stack([k.key for k in keys[:2]], 2).flatten(2)
        shrinkage = torch.stack([k.shrinkage for k in keys[:2]], 2).flatten(1)
        similarity = anisotropic_similarity(
            key, shrinkage, keys[2].key.flatten(2), keys[2].selection.flatten(2)
        )
        full, _ = match_weights(similarity)
        best, where = match_weights(similarity, 8)
        values = torch.stack([value0, value1], 3).flatten(3).flatten(1, 2)
        read = read_values(values, full, None).view(1, count, 512, 4, 6)
        logits, maps = model.decode_head(features[2], read, hidden2, (64, 96))
        hidden3 = model.decode_head.update_sensory(maps, hidden2)
    odds = soft_aggregate(logits.sigmoid())
    numbers = dict(
        key0=keys[0].key, shrink0=keys[0].shrinkage, sel0=keys[0].selection,
        f16_0=features[0][2], f8_0=features[0][1], f4_0=features[0][0],
        value0=value0, hidden1=hidden1, value1=value1, hidden2=hidden2,
        similarity=similarity.transpose(1, 2), affinity_full=full.transpose(1, 2),
        affinity_top8=torch.zeros_like(full).scatter_(2, where, best).transpose(1, 2),
        usage_top8=usage_of(best, where, 48), readout=read, hidden3=hidden3,
        seg_logits=odds, seg_prob=odds.softmax(1),
    )  # fmt: skip
    if count == 2:
        one = soft_aggregate(logits.sigmoid() * torch.tensor([1.0, 0.0]).view(1, 2, 1, 1))
        numbers.update(seg_logits_selector10=one, seg_prob_selector10_nobg=one.softmax(1)[:, 1:])
    return {f'o{count}_{name}': number for name, number in numbers.items()}


def test_every_part_gives_the_golden_numbers(found):
    _, golden = case('xmem_modules')
    prefix = next(iter(found))[:2]
    assert set(found) == {n for n in golden if n.startswith(prefix)} - {f'{prefix}_hidden_in'}
    for name, number in found.items():
        half = golden[name].dtype == np.float16
        expected = golden[name].astype(np.float64)
        assert number.shape == expected.shape, name
        error = np.abs(number.numpy() - expected).max()
        assert error <= (4e-3 if half else 1e-4), f'{name}: {error}'


def test_values_do_not_depend_on_the_deep_update(model):
    frames, masks = moving_rects(101, 1, 64, 96, 1)
    image, mask = torch.from_numpy(normalise(frames)), torch.from_numpy(onehot(masks, 1))
    hidden = torch.from_numpy(randn(7, (1, 1, 64, 4, 6), 0.5))
    with torch.no_grad():
        feature = model.encode(image).features[-1]
        with_update, renewed = model.value_encoder(image, feature, mask, hidden)
        without, same = model.value_encoder(image, feature, mask, hidden, deep_update=False)
    assert torch.equal(with_update, without)
    assert torch.equal(same, hidden) and not torch.equal(renewed, hidden)


@pytest.mark.parametrize('name', ['xmem_infer_lt', 'xmem_infer_nolt'])
def test_stream_gives_the_golden_clip(name):
    facts, golden = case(name)
    model = build_golden(**{key: facts['config'][key] for key in MEMORY})
    frames, masks = moving_rects(200, 24, 96, 128, 2)
    prompts = {0: [ObjectPrompt(i, mask=masks[0] == i) for i in (1, 2)]}
    sizes = []
    source = [f[..., ::-1].copy() for f in frames]
    for t, (state, result) in enumerate(states_during(model, source, prompts, return_probs=True)):
        group = state.memory.groups[0]
        sizes.append([len(group.work), len(group.long) if group.long else 0])
        # stored in half precision
        assert np.abs(result.probs - golden['prob'][t].astype(np.float32)).max() <= 1e-4 + 2.5e-4, t
        assert (result.mask == golden['mask'][t]).mean() >= 0.999, t
    # the original does not remember the last frame, since it knows that it is the last
    assert sizes[:-1] == golden['mem_sizes'][:-1].tolist()
