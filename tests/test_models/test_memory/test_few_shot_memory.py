"""The few-shot memory: the shared contract, and what is its own."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from memory_tester import SIZE, MemoryTester

from vosplug.errors import ConfigError
from vosplug.models import FewShotMemory, FilterLearner
from vosplug.models.memory import apply_filters, sample_shares


class TestFewShotMemory(MemoryTester):
    value_channels, read_channels = 6, 3

    def config(self) -> dict:
        return dict(type='FewShotMemory', max_frames=3, test_steps=(5, 2))


def features(t: int) -> torch.Tensor:
    return torch.randn(1, 4, *SIZE, generator=torch.Generator().manual_seed(t))


def labelled(t: int, objects: int = 1) -> torch.Tensor:
    """Labels and weights of 3 channels each."""
    values = torch.randn(1, objects, 6, *SIZE, generator=torch.Generator().manual_seed(100 + t))
    values[:, :, 3:].abs_()
    return values


def test_the_first_frame_is_learned_as_the_learner_does():
    memory = FewShotMemory(test_steps=(7, 2)).eval()
    state = memory.new_state()
    memory.write(state, 0, features(0), labelled(0), [0])
    values = labelled(0).unsqueeze(1)
    filters = FilterLearner(steps=7)(features(0).unsqueeze(1), values[:, :, :, :3], values[:, :, :, 3:])
    torch.testing.assert_close(state.filters, filters)
    torch.testing.assert_close(
        memory.readout(state, features(5)), apply_filters(features(5).unsqueeze(1), filters)[:, 0]
    )


def test_later_frames_update_the_filters_by_their_shares():
    memory = FewShotMemory(test_steps=(7, 2), learning_rate=0.4).eval()
    state = memory.new_state()
    memory.write(state, 0, features(0), labelled(0), [0])
    before = state.filters
    memory.write(state, 1, features(1), labelled(1), ())
    values = torch.stack([labelled(0), labelled(1)], 1)
    weights = values[:, :, :, 3:] * torch.tensor([0.6, 0.4]).sqrt().view(-1, 1, 1, 1, 1)
    expected = FilterLearner()([features(0), features(1)], values[:, :, :, :3], weights, before, 2)
    torch.testing.assert_close(state.filters, expected)


def test_updates_may_be_rare():
    memory = FewShotMemory(update_every=3).eval()
    state = memory.new_state()
    filters = []
    for t in range(7):
        memory.write(state, t, features(t), labelled(t), [0] if t == 0 else ())
        filters.append(state.filters)
    same = [torch.equal(a, b) for a, b in zip(filters, filters[1:], strict=False)]
    assert same == [True, True, False, True, True, False]


def test_a_correction_is_learned_thoroughly():
    memory = FewShotMemory(test_steps=(20, 0)).eval()
    state = memory.new_state()
    memory.write(state, 0, features(0), labelled(0), [0])
    before = state.filters
    memory.write(state, 1, features(1), labelled(1), ())
    assert torch.equal(state.filters, before)
    memory.write(state, 2, features(2), labelled(2), [0])
    assert not torch.allclose(state.filters, before, atol=1e-3)


def test_prompted_frames_stay_and_the_oldest_others_go():
    memory = FewShotMemory(max_frames=2).eval()
    state = memory.new_state()
    for t in range(9):
        memory.write(state, t, features(t), labelled(t), [0] if t in (0, 4) else ())
    held = [sample.features for sample in state.samples]
    assert len(held) == 4
    for found, t in zip(held, (0, 4, 7, 8), strict=True):
        assert torch.equal(found, features(t))


def test_an_object_that_enters_late_is_learned_from_its_own_frames():
    memory = FewShotMemory().eval()
    both, alone = memory.new_state(), memory.new_state()
    for t in range(3):
        memory.write(both, t, features(t), labelled(t), [0] if t == 0 else ())
    for t in range(3, 6):
        values = labelled(t, objects=2)
        memory.write(both, t, features(t), values, [1] if t == 3 else ())
        memory.write(alone, t, features(t), values[:, 1:], [0] if t == 3 else ())
    read = memory.readout(both, features(9))
    torch.testing.assert_close(read[:, 1:], memory.readout(alone, features(9)))


def test_a_frame_counts_as_prompted_for_its_own_objects_alone():
    memory = FewShotMemory(prompted_share=0.5, learning_rate=0.2).eval()
    state, shares = memory.new_state(), []
    learn = memory.learner.forward
    memory.learner.forward = lambda x, e, w, *rest: (
        shares.append((w**2).mean((0, 2, 3, 4, 5))) or learn(x, e, w, *rest)
    )
    ones = torch.ones(1, 2, 6, *SIZE)
    memory.write(state, 0, features(0), ones[:, :1], [0])
    memory.write(state, 1, features(1), ones, [1])
    torch.testing.assert_close(shares[1], torch.tensor([0.8, 0.2]))
    memory.write(state, 2, features(2), ones, ())
    torch.testing.assert_close(shares[3], torch.tensor([0.64, 0.16, 0.2]), msg='of the first object')
    torch.testing.assert_close(shares[4], torch.tensor([0.8, 0.2]), msg='of the second')


def test_training_takes_other_steps():
    memory = FewShotMemory(steps=(1, 0), test_steps=(9, 0))
    trained, tested = memory.new_clip_state(), memory.new_state()
    memory.train().write(trained, 0, features(0), labelled(0), [0])
    memory.eval().write(tested, 0, features(0), labelled(0), [0])
    assert not torch.allclose(trained.filters, tested.filters)


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.floats(0.01, 0.99), st.floats(0, 1))
def test_shares_sum_to_one_and_prompted_frames_keep_theirs(prompted, rate, least):
    shares = np.array(sample_shares(prompted, rate, least))
    assert shares.sum() == pytest.approx(1) and (shares >= 0).all()
    if any(prompted):
        assert shares[prompted].sum() >= least * (1 - 1e-9)


def test_shares_decay():
    assert sample_shares([True, False, False], 0.1, 0) == pytest.approx([0.81, 0.09, 0.1])
    assert sample_shares([True, False, False], 0.1, 0.9) == pytest.approx([0.9, 0.09 / 1.9, 0.1 / 1.9])


@pytest.mark.parametrize(
    'options', [dict(learning_rate=0), dict(prompted_share=1.5), dict(max_frames=0), dict(update_every=0)]
)
def test_impossible_options_are_refused(options):
    with pytest.raises(ConfigError, match='FewShotMemory: found .*prompted_share between 0 and 1'):
        FewShotMemory(**options)
