"""The trainings of Voigtlaender et al. 2021, Table 3, differ in what the table says and in nothing else."""

import shutil

import numpy as np
import pytest
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from small_data import make_masks, write_davis, write_ytvos

from vosplug.config import load_config
from vosplug.registry import HOOKS

LABELS = {
    'stm_r50_ytvos18': (None, False),
    'stm_r50_ytvos18_robust': (None, True),
    'stm_r50_ytvos18-box2seg': ('box2seg', False),
    'stm_r50_ytvos18-box2seg_robust': ('box2seg', True),
    'stm_r50_ytvos18-box2seg-filtered': ('box2seg-filtered', False),
    'stm_r50_ytvos18-box2seg-ft': ('box2seg-middle', False),
    'stm_r50_ytvos18-box2seg-ft_robust': ('box2seg-middle', True),
}


@pytest.mark.parametrize('name', LABELS)
def test_labels_and_loss_are_all_that_differs(name):
    folder, robust = LABELS[name]
    cfg, plain = load_config(f'stm/{name}.py'), load_config('stm/stm_r50_ytvos18.py')
    loss = cfg.model.decode_head.pop('loss_mask')
    assert [part.type for part in loss] == [
        'PartiallyHuberisedCrossEntropyLoss' if robust else 'mmseg.CrossEntropyLoss'
    ]
    del plain.model.decode_head.loss_mask
    found = cfg.train_dataloader.dataset.pop('ann_dir', None)
    assert found == (f'PseudoLabels/{folder}/Annotations' if folder else None)
    left = {key: value for key, value in cfg.to_dict().items() if key != 'robust_loss'}
    assert left == plain.to_dict()


def batch_of(name: str) -> dict:
    cfg = load_config(f'stm/{name}.py')
    init_default_scope('vosplug')
    cfg.train_dataloader.update(batch_size=2, num_workers=0, persistent_workers=False)
    dataloader = Runner.build_dataloader(cfg.train_dataloader, seed=0)
    dataloader.dataset.clip_sampler.change(max_gap=HOOKS.build(cfg.custom_hooks[0]).gaps[0][1])
    return next(iter(dataloader))


def test_pseudo_labels_take_the_place_of_masks(tmp_path, monkeypatch):
    monkeypatch.setenv('YTVOS2018_ROOT', str(tmp_path))
    write_ytvos(tmp_path, 'train', {'a': np.zeros_like(make_masks(9)), 'b': np.zeros_like(make_masks(9))})
    write_ytvos(tmp_path / 'labels', 'train', {'a': make_masks(9), 'b': make_masks(9)})
    shutil.copytree(tmp_path / 'labels' / 'train', tmp_path / 'PseudoLabels' / 'box2seg')
    batch = batch_of('stm_r50_ytvos18-box2seg_robust')
    assert [tuple(clip.shape) for clip in batch['inputs']] == [(3, 3, 384, 384)] * 2
    assert all(sample.valid.any() for sample in batch['data_samples'])


def test_davis_clips_start_with_neighbouring_frames(tmp_path, monkeypatch):
    root = write_davis(tmp_path, {'bear': make_masks(9), 'ant': make_masks(9)})
    (root / 'ImageSets' / '2017').mkdir()
    (root / 'ImageSets' / '2017' / 'train.txt').write_text('bear\nant\n')
    monkeypatch.setenv('DAVIS2017_ROOT', str(root))
    for sample in batch_of('stm_r50_davis17')['data_samples']:
        first, *others = map(int, sample.frame_names)
        assert others == [first + 1, first + 2]


@pytest.mark.parametrize(('name', 'every'), [('stm_r50_davis17', 1), ('stm_r50_ytvos18', 5)])
def test_up_to_25_frames_are_skipped_in_the_end(name, every):
    hook = HOOKS.build(load_config(f'stm/{name}.py').custom_hooks[0])
    changes = hook.changes(60)
    gaps = [changes[max(t for t in changes if t <= done)] // every - 1 for done in range(60)]
    assert gaps[0] == 0 and gaps[-1] == 25 and gaps == sorted(gaps)
