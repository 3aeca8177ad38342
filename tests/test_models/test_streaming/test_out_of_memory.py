"""Streams go on with less memory where a device has no room."""

from collections import deque
from types import SimpleNamespace

import pytest
import torch
from adapting import build, register, trackers_of, weights
from small_models import small_lwl, small_original_stm, small_stm, small_xmem
from small_videos import mask_prompts, moving_squares, tensor_bytes

from vosplug.errors import ConfigError
from vosplug.models.streaming import online
from vosplug.models.streaming.view import with_shared_tensors
from vosplug.registry import MODELS

IMAGES, MASKS = moving_squares(16)
PROMPTS = {0: mask_prompts(MASKS[0])}
SHRINKING = [small_stm, small_original_stm, small_xmem, small_lwl]


class FullDevice:
    """Lets steps of a model fail where its state is larger than a limit."""

    def __init__(self, model, step: str, limit: float) -> None:
        self.run, self.limit, self.failed, self.largest = getattr(model, step), limit, 0, 0
        setattr(model, step, self)

    def __call__(self, state, *args):
        result = self.run(state, *args)
        size = tensor_bytes(getattr(state, 'memory', state))
        if size > self.limit:
            self.failed += 1
            raise torch.OutOfMemoryError('CUDA out of memory.')
        self.largest = max(self.largest, size)
        return result


def make(config, **test_cfg):
    torch.manual_seed(0)
    return MODELS.build(dict(config(), test_cfg=test_cfg)).eval()


@pytest.mark.parametrize('config', SHRINKING)
@pytest.mark.parametrize('step', ['segment', 'remember'])
def test_a_stream_ends_with_less_memory(config, step):
    free = FullDevice(make(config), step, limit=float('inf'))
    list(free.run.__self__.stream(IMAGES, PROMPTS))
    model = make(config, out_of_memory='shrink')
    device = FullDevice(model, step, limit=0.8 * free.largest)
    results = list(model.stream(IMAGES, PROMPTS))
    assert len(results) == len(IMAGES) and device.failed and device.largest <= device.limit
    assert all(set(result.scores) == {1, 2} for result in results)


def test_without_the_option_and_without_anything_to_drop_the_error_is_raised():
    for options, limit in (({}, 0.8), (dict(out_of_memory='shrink'), 0)):
        model = make(small_stm, **options)
        FullDevice(model, 'segment', limit)
        with pytest.raises(torch.OutOfMemoryError):
            list(model.stream(IMAGES, PROMPTS))


def test_a_repeated_training_starts_from_the_copies_of_before_for_every_object(monkeypatch):
    register()
    prompts, calls, train = {t: mask_prompts(MASKS[t]) for t in (0, 1)}, [], online.adapted_copy

    def trained(fails_at=None):
        def adapt(*args, **kwargs):
            calls.append(args)
            if len(calls) == fails_at:
                raise torch.OutOfMemoryError('CUDA out of memory.')
            return train(*args, **kwargs)

        calls.clear()
        monkeypatch.setattr(online, 'adapted_copy', adapt)
        model = build(per_object=True, test_cfg=dict(out_of_memory='shrink'))
        with trackers_of(model) as found:
            list(model.stream(IMAGES[:2], prompts))
        return [weights(group.model) for group in found[0].groups]

    expected = trained()
    for one, other in zip(expected, trained(fails_at=4), strict=True):  # frame 1, after its first object
        assert all(torch.equal(one[key], other[key]) for key in one)
    assert len(calls) == 6


@pytest.mark.parametrize(
    'holder',
    [list, tuple, set, deque, lambda held: dict(enumerate(held)), lambda held: SimpleNamespace(held=held)],
)
def test_a_step_works_on_a_copy_that_shares_all_tensors(holder):
    state = SimpleNamespace(frames=holder([torch.zeros(2)]))
    copied = with_shared_tensors(state)
    assert copied.frames is not state.frames or holder is tuple
    assert tensor_addresses(copied.frames) == tensor_addresses(state.frames)


def tensor_addresses(frames) -> list[int]:
    held = getattr(frames, 'held', frames)
    return [tensor.data_ptr() for tensor in (held.values() if isinstance(held, dict) else held)]


def test_an_unknown_rule_is_named():
    with pytest.raises(ConfigError, match=r"test_cfg\.out_of_memory: found 'drop'"):
        make(small_stm, out_of_memory='drop')
