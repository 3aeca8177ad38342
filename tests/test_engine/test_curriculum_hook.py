"""Stages of training: when they change, what they change, and resuming."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from mmengine.logging import MessageHub, MMLogger
from torch import nn
from torch.utils.data import DataLoader

from vosplug.datasets import SyntheticVOS
from vosplug.datasets.draws import making_item_of
from vosplug.engine.hooks import ClipGapHook, CurriculumHook
from vosplug.errors import ConfigError

STAGES = [
    dict(clips=dict(frames='annotated', num_frames=5), model=dict(teacher_forcing=1.0)),
    dict(clips=dict(frames='all', num_frames=[5, 11]), model=dict(teacher_forcing=0.5)),
    dict(model=dict(teacher_forcing=0.0)),
]


def make_runner(name: str, workers: int = 0) -> SimpleNamespace:
    """As much of a Runner as the hook looks at."""
    dataset = SyntheticVOS(num_videos=2, num_frames=12, size=(32, 48))
    model = nn.Identity()
    model.teacher_forcing = 0.3
    return SimpleNamespace(
        train_dataloader=DataLoader(dataset, num_workers=workers),
        model=model,
        iter=0,
        logger=MMLogger.get_instance('test'),
        message_hub=MessageHub.get_instance(name),
    )


def train(runner: SimpleNamespace, hook: CurriculumHook, losses: np.ndarray) -> list[float]:
    """``teacher_forcing`` in every iteration."""
    seen = []
    hook.before_train(runner)
    for loss in losses:
        seen.append(runner.model.teacher_forcing)
        runner.message_hub.update_scalar('train/loss', loss)
        hook.after_train_iter(runner, runner.iter)
        runner.iter += 1
    return seen


def falling(length: int, rate: float) -> np.ndarray:
    return rate ** np.arange(length)


def test_a_stage_ends_with_the_first_window_that_is_not_much_lower_than_the_one_before():
    runner = make_runner('falls')
    losses = np.concatenate([falling(30, 0.9), np.full(60, 0.01)])
    seen = train(runner, CurriculumHook(STAGES, window=10, tolerance=0.05), losses)
    # flat from 30 on: windows 30..39 and 40..49 are equal; then two windows of the next stage
    assert seen == [1.0] * 50 + [0.5] * 20 + [0.0] * 20
    sampler = runner.train_dataloader.dataset.clip_sampler
    assert sampler.frames == 'all' and sampler.num_frames == (5, 11), 'as the second stage left it'


def test_the_tolerance_is_a_share_of_the_loss():
    losses = 100 * falling(40, 0.98)  # a window of 10 is 0.98 ** 10 = 0.82 of the one before
    for tolerance, stable in ((0.17, False), (0.19, True)):
        runner = make_runner(f'share {tolerance}')
        seen = train(runner, CurriculumHook(STAGES, 10, tolerance), losses)
        assert (0.5 in seen) == stable and seen[:20] == [1.0] * 20


def test_resumed_training_goes_on_in_its_stage():
    losses = np.ones(75)
    whole = train(make_runner('whole'), CurriculumHook(STAGES, 10), losses)
    first, second = make_runner('first'), make_runner('second')
    seen = train(first, CurriculumHook(STAGES, 10), losses[:27])
    second.message_hub.load_state_dict(first.message_hub.state_dict())
    second.iter = 27
    seen += train(second, CurriculumHook(STAGES, 10), losses[27:])
    assert seen == whole
    assert second.train_dataloader.dataset.clip_sampler.frames == 'all', 'settings of all stages so far'


def test_clips_change_with_the_first_that_no_worker_can_have_made():
    runner = make_runner('workers', workers=3)  # each makes two batches ahead
    with pytest.raises(ConfigError, match='delay: found 5, expected at least 6'):
        train(runner, CurriculumHook(STAGES, 10, delay=5), np.ones(21))
    train(runner, CurriculumHook(STAGES, 10, delay=6), np.ones(21))
    sampler = runner.train_dataloader.dataset.clip_sampler
    for iteration, frames in ((19, 'annotated'), (25, 'annotated'), (26, 'all')):
        with making_item_of(iteration):
            assert sampler.frames == frames


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(stages=[]), 'found 0 stages'),
        (dict(stages=STAGES, window=0), 'window=0'),
        (dict(stages=[dict(other={})]), r"unknown \['other'\]"),
        (dict(stages=[dict(clips=dict(gap=3))]), r"unknown \['gap'\]"),
        (dict(stages=[{}, dict(clips=dict(num_frames=0))]), 'clip_sampler.num_frames: found 0'),
    ],
)
def test_impossible_stages(options, message):
    with pytest.raises(ConfigError, match=message):
        CurriculumHook(**options)


def test_a_model_without_the_number():
    runner = make_runner('no number')
    runner.model.teacher_forcing = torch.zeros(1)
    with pytest.raises(ConfigError, match="Identity has no numeric attribute 'teacher_forcing'"):
        CurriculumHook(STAGES).before_train(runner)
    # before the training, not when the stage begins
    with pytest.raises(ConfigError, match="Identity has no numeric attribute 'forcing'"):
        CurriculumHook([{}, dict(model=dict(forcing=0.5))]).before_train(make_runner('no number later'))


def test_a_loss_that_is_not_logged_is_named():
    hook = CurriculumHook(STAGES, window=3, loss='loss_iou')
    with pytest.raises(ConfigError, match=r"CurriculumHook.loss: found 'loss_iou', .* logged \['loss'\]"):
        train(make_runner('no loss'), hook, np.ones(3))


def test_stages_and_scheduled_gaps_change_clips_independently():
    runner = make_runner('with_gaps')
    runner.max_iters = 60
    ClipGapHook([(0, 1), (0.5, 4)]).before_train(runner)  # iteration 30
    hook = CurriculumHook([dict(clips=dict(num_frames=3)), dict(clips=dict(num_frames=5))], window=5, delay=2)
    train(runner, hook, np.ones(10))  # stable after 10 iterations
    seen = []
    for iteration in (0, 11, 12, 29, 30):
        with making_item_of(iteration):
            sampler = runner.train_dataloader.dataset.clip_sampler
            seen.append((sampler.max_gap, sampler.num_frames[0]))
    assert seen == [(1, 3), (1, 3), (1, 5), (1, 5), (4, 5)]


def _train_one_of_two(rank: int, folder: str) -> None:
    dist.init_process_group('gloo', f'file://{folder}/store', rank=rank, world_size=2)
    # flat in one process, falling in the other: alone they would change after 8 and after 16 iterations
    losses = np.ones(16) if rank else np.concatenate([falling(8, 0.5), np.full(8, 0.004)])
    seen = train(make_runner(f'rank_{rank}'), CurriculumHook(STAGES, window=4, tolerance=0.05), losses)
    np.save(f'{folder}/{rank}.npy', seen)
    dist.destroy_process_group()


def test_all_processes_change_together(tmp_path):
    mp.start_processes(_train_one_of_two, (str(tmp_path),), 2, start_method='fork')
    first, second = (np.load(tmp_path / f'{rank}.npy') for rank in (0, 1))
    assert np.array_equal(first, second)
    # means of the windows: 0.73, 0.51 and 0.502, less than 5% below the one before
    assert first.tolist() == [1.0] * 12 + [0.5] * 4
