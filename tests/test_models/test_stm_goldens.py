"""The published space-time memory network, number by number (golden stm)."""

import numpy as np
import pytest
import torch
from golden_recipe import moving_rects
from small_videos import states_during
from stm_goldens import DATA, FACTS, build_golden

from vosplug.models.aggregation import soft_aggregate
from vosplug.models.streaming import Frame, Geometry
from vosplug.structures import ObjectPrompt


@pytest.fixture(scope='module')
def model():
    return build_golden(mem_every=2)


@pytest.fixture(scope='module')
def golden() -> dict[str, np.ndarray]:
    with np.load(DATA / 'stm.npz') as arrays:
        return dict(arrays)


@pytest.fixture(scope='module', params=FACTS['cases'])
def case(request) -> str:
    return request.param


def clip_of(case: str) -> tuple[list[np.ndarray], np.ndarray, int]:
    """BGR frames, id masks and the number of objects."""
    facts = FACTS['cases'][case]
    frames, masks = moving_rects(facts['seed'], 5, *facts['hw'], facts['nobj'])
    return [f[..., ::-1].copy() for f in frames], masks, facts['nobj']


def check(name: str, found: torch.Tensor | np.ndarray, golden: dict[str, np.ndarray], rounding=0.0) -> None:
    expected = golden[name].astype(np.float64)
    found = np.asarray(found)
    assert found.shape == expected.shape, name
    largest = np.abs(expected).max()
    error = np.abs(found - expected).max()
    assert error <= (1e-4 + rounding) * largest, f'{name}: {error} of {largest}'


def test_every_part_gives_the_golden_numbers(model, golden, case):
    frames, masks, objects = clip_of(case)
    prompts = {0: [ObjectPrompt(i, mask=masks[0] == i) for i in range(1, objects + 1)]}
    seen, write = {}, model.memory.write
    model.memory.write = lambda state, t, key, values, prompted: (
        seen.update(key=key[0], value=values[0]) or write(state, t, key, values, prompted)
    )
    try:
        state, _ = next(states_during(model, frames, prompts))
    finally:
        del model.memory.write
    geometry = Geometry.fit(frames[1].shape[:2], divisor=model.size_divisor)
    frame = Frame(1, '1', frames[1], geometry, model.normalise)
    with torch.no_grad():
        logits = model.segment(state, frame)
        features = model.encode(frame.tensor).features
    check(f'{case}_key0', seen['key'], golden)
    check(f'{case}_value0', seen['value'], golden)
    odds = geometry.unpad(soft_aggregate(logits.sigmoid()))
    planes = golden[f'{case}_logit1']
    check(f'{case}_logit1', odds[None], {f'{case}_logit1': planes[:, : objects + 1]})
    unused = planes[:, objects + 1 :]
    assert not unused.size or np.allclose(unused, np.log(1e-7), atol=1e-4)
    for name, feature in zip(('q_r2', 'q_r3', 'q_r4'), features, strict=True):
        if f'{case}_{name}' in golden:
            # stored in half precision
            check(f'{case}_{name}', feature, golden, rounding=2**-11)


def test_stream_gives_the_golden_clip(model, golden, case):
    frames, masks, objects = clip_of(case)
    prompts = {0: [ObjectPrompt(i, mask=masks[0] == i) for i in range(1, objects + 1)]}
    states, results = zip(*states_during(model, frames, prompts, return_probs=True), strict=True)
    found = np.stack([result.probs for result in results])
    name = f'{case}_video_prob'
    # planes without an object take 1e-7 of a pixel each
    check(name, found, {name: golden[name][:, : objects + 1]})
    assert (np.stack([r.mask for r in results]) == golden[name].argmax(1)).mean() >= 0.999
    # the original does not remember the last frame, since it knows that it is the last
    assert len(states[-1]) - 1 == golden[f'{case}_mem_frames']
