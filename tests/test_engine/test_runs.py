"""Training and testing through the tools and a real Runner."""

import json
from argparse import Namespace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.hooks import Hook
from small_data import make_masks, write_taovos
from tiny_run import write_config

from vosplug.checkpoint import read_checkpoint
from vosplug.config import load_config
from vosplug.engine.runner import build_runner, prepare
from vosplug.evaluation import evaluate_folders
from vosplug.formats import read_id_mask
from vosplug.registry import DATASETS


class Recorder(Hook):
    """Losses per iteration."""

    def __init__(self) -> None:
        self.losses: dict[int, float] = {}

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        self.losses[runner.iter] = outputs['loss'].item()


def train(path: Path, work_dir: Path, **options) -> dict[int, float]:
    """Losses of a run."""
    cfg = load_config(path, {'val_cfg': None, 'val_dataloader': None, 'val_evaluator': None, **options})
    runner = build_runner(prepare(cfg, Namespace(launcher='none', work_dir=str(work_dir))))
    recorder = Recorder()
    runner.register_hook(recorder)
    runner.train()
    return recorder.losses


@pytest.fixture(scope='module')
def trained(tmp_path_factory) -> Path:
    """Work folder of a finished training."""
    folder = tmp_path_factory.mktemp('trained')
    train(write_config(folder / 'tiny.py'), folder)
    return folder


def test_train_tool_trains_validates_and_saves(config, tool, tmp_path):
    tool('train', config, '--work-dir', tmp_path / 'out')
    assert read_checkpoint(tmp_path / 'out' / 'iter_4.pth')['meta']['iter'] == 4
    scalars = next((tmp_path / 'out').rglob('scalars.json')).read_text().splitlines()
    assert any('J&F-Mean' in line for line in scalars)
    assert sum('loss_projection' in line for line in scalars) == 4


def test_test_tool_scores_and_writes_masks_and_pictures(config, tool, tmp_path, trained):
    tool('test', config, trained / 'iter_4.pth', '--out', tmp_path / 'masks', '--show-dir', tmp_path / 'show')
    scores = json.loads((tmp_path / 'scores.json').read_text())
    assert len(scores['per_object']) == 3 and 0 <= scores['global']['J&F-Mean'] <= 1
    assert (
        len(list((tmp_path / 'masks').glob('*/*.png')))
        == len(list((tmp_path / 'show').glob('*/*.jpg')))
        == 15
    )
    mask = read_id_mask(tmp_path / 'masks' / 'synthetic_001000' / '00002.png')
    assert mask.shape == (48, 64) and mask.dtype == np.uint8
    assert cv2.imread(str(tmp_path / 'show' / 'synthetic_001000' / '00002.jpg')).shape == (48, 64, 3)


def test_what_training_started_from_need_not_be_there_in_testing(config, tool, tmp_path, trained):
    tool('test', config, trained / 'iter_4.pth', '--cfg-options', f'load_from={tmp_path / "gone.pth"}')
    assert (tmp_path / 'scores.json').is_file()


@pytest.mark.parametrize('fp16', [False, True])
def test_precision_of_tests_and_validations(config, tmp_path, fp16, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cfg = load_config(config, {'test_cfg.fp16': fp16, 'val_cfg.fp16': fp16})
    runner = build_runner(prepare(cfg, Namespace(launcher='none', work_dir=str(tmp_path))))
    seen = set()
    runner.model.backbone.register_forward_hook(lambda *args: seen.add(args[2][-1].dtype))
    for loop in (runner.val, runner.test):
        seen.clear()
        loop()
        assert seen == {torch.bfloat16 if fp16 else torch.float32}


def test_untrained_weights_are_those_that_training_starts_from(config, tool, tmp_path, trained):
    def scores(*given: object) -> str:
        tool('test', config, *given)
        return (tmp_path / 'scores.json').read_text()

    checkpoint = trained / 'iter_4.pth'
    started = scores('--untrained', '--cfg-options', f'load_from={checkpoint}')
    assert scores('--untrained') != started == scores(checkpoint)
    with pytest.raises(SystemExit):
        scores(checkpoint, '--untrained')


def test_written_frames_hold_their_prompts_exactly(config, tool, tmp_path, trained):
    tool('test', config, trained / 'iter_4.pth', '--out', tmp_path / 'masks')
    dataset = load_config(config).test_dataloader.dataset
    for item in DATASETS.build(dataset):
        video = item['data_samples']
        for t, prompts in video.prompts.items():
            written = read_id_mask(tmp_path / 'masks' / video.name / f'{video.source.frame_names[t]}.png')
            assert all(np.array_equal(written == p.object_id, p.mask) for p in prompts)


@pytest.mark.parametrize(('all_frames', 'frames'), [(False, 5), (True, 15)])
def test_tao_vos_on_annotated_and_on_all_frames(tool, tmp_path, trained, all_frames, frames):
    masks = make_masks(5)
    masks[:2][masks[:2] == 7] = 0
    root = write_taovos(tmp_path / 'taovos', 'valid', {'LaSOT/zebra-14': masks, 'BDD/b1-c2': make_masks(5)})
    data = dict(type='TAOVOSDataset', data_root=str(root), split='valid', test_mode=True)
    config = write_config(
        tmp_path / 'tiny.py', f'test_dataloader["dataset"] = {data}\ntest_evaluator["protocol"] = "tao_vos"'
    )
    options = ['--cfg-options', f'test_dataloader.dataset.all_frames={all_frames}']
    tool('test', config, trained / 'iter_4.pth', '--out', 'masks', '--show-dir', 'show', *options)
    assert len(list((tmp_path / 'masks').glob('*/*/*.png'))) == 2 * frames
    assert len(list((tmp_path / 'show').glob('*/*/*.jpg'))) == 2 * frames
    late = read_id_mask(tmp_path / 'masks' / 'LaSOT/zebra-14' / 'ring_101.png')
    assert np.array_equal(late == 7, masks[2] == 7)
    report = json.loads((tmp_path / 'scores.json').read_text())
    folders = evaluate_folders('tao_vos', root / 'valid' / 'Annotations', tmp_path / 'masks')
    assert report['global'] == folders.overall and list(folders.per_object) == ['BDD/b1-c2', 'LaSOT/zebra-14']


def test_testing_twice_gives_the_same_scores(config, tool, tmp_path, trained):
    reports = []
    for _ in range(2):
        tool('test', config, trained / 'iter_4.pth')
        reports.append((tmp_path / 'scores.json').read_text())
    assert reports[0] == reports[1]


def test_test_tool_refuses_the_checkpoint_of_another_model(config, tool, tmp_path):
    torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / 'linear.pth')
    with pytest.raises(
        SystemExit, match=r'CheckpointError: .*linear\.pth: belongs to another model than STM'
    ):
        tool('test', config, tmp_path / 'linear.pth')
    with pytest.raises(SystemExit, match=r'CheckpointError: .*none\.pth: no such'):
        tool('test', config, tmp_path / 'none.pth')


def test_resume_continues_where_training_stopped(config, tmp_path):
    first = train(config, tmp_path / 'run', **{'train_cfg.max_iters': 2})
    rest = train(config, tmp_path / 'run', resume=True)
    assert sorted(first) == [0, 1] and sorted(rest) == [2, 3]
    saved = read_checkpoint(tmp_path / 'run' / 'iter_4.pth')
    assert saved['meta']['iter'] == 4
    steps = {int(state['step']) for state in saved['optimizer']['state'].values()}
    assert steps == {4}


def test_load_from_starts_at_iteration_0_with_the_weights(config, tmp_path, trained):
    options = {'load_from': str(trained / 'iter_4.pth'), 'optim_wrapper.optimizer.lr': 0.0}
    losses = train(config, tmp_path / 'run', **options)
    assert sorted(losses) == [0, 1, 2, 3]
    start, end = (read_checkpoint(folder / 'iter_4.pth') for folder in (trained, tmp_path / 'run'))
    # without a learning rate the weights stay those of the start
    assert all(torch.equal(value, end['state_dict'][key]) for key, value in start['state_dict'].items())
    # the optimizer is new: it has not seen the four iterations before
    assert {int(state['step']) for state in end['optimizer']['state'].values()} == {4}


def test_resume_uses_the_checkpoint_of_its_work_dir_not_load_from(config, tool, tmp_path, trained):
    """First it has no checkpoint of its own and starts with the weights of ``load_from``."""
    start = f'load_from={trained / "iter_4.pth"}'
    for iterations in (2, 3):
        options = ['--resume', '--cfg-options', start, f'train_cfg.max_iters={iterations}']
        tool('train', config, '--work-dir', tmp_path / 'run', *options, 'train_cfg.val_interval=9')
    logs = sorted((tmp_path / 'run').rglob('scalars.json'), key=lambda path: path.stat().st_mtime)
    lines = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    assert [line['step'] for line in lines if 'loss' in line] == [1, 2, 3]
    state = read_checkpoint(tmp_path / 'run' / 'iter_3.pth')['optimizer']['state']
    assert {int(values['step']) for values in state.values()} == {3}


def test_resuming_from_a_checkpoint_with_code_is_refused(config, tool, tmp_path):
    class Payload:
        def __reduce__(self):
            return print, ('ran',)

    (tmp_path / 'run').mkdir()
    torch.save(Payload(), tmp_path / 'run' / 'iter_2.pth')
    (tmp_path / 'run' / 'last_checkpoint').write_text(str(tmp_path / 'run' / 'iter_2.pth'))
    with pytest.raises(SystemExit, match='CheckpointError'):
        tool('train', config, '--work-dir', tmp_path / 'run', '--resume')


@pytest.mark.parametrize('workers', [0, 1])
def test_one_seed_gives_one_sequence_of_losses(config, tmp_path, workers):
    options = {'train_dataloader.num_workers': workers}
    first, second = (train(config, tmp_path / str(i), **options) for i in range(2))
    assert first == second and len(set(first.values())) == 4


def test_another_seed_gives_other_losses(config, tmp_path):
    first, second = (train(config, tmp_path / str(i), **{'randomness.seed': i}) for i in range(2))
    assert not set(first.values()) & set(second.values())


@pytest.mark.slow  # tracing takes half a minute
def test_a_compiled_model_trains_to_the_same_weights(config, tool, tmp_path):
    """Traced as ``compile=True`` does, without the C++ compiler behind it."""
    tool('train', config, '--work-dir', tmp_path / 'plain')
    tool('train', config, '--work-dir', tmp_path / 'traced', '--cfg-options', 'compile.backend=eager')
    plain, traced = (read_checkpoint(tmp_path / n / 'iter_4.pth')['state_dict'] for n in ('plain', 'traced'))
    assert plain.keys() == traced.keys()
    for name, value in plain.items():
        torch.testing.assert_close(traced[name], value, rtol=1e-4, atol=1e-5, msg=name)
