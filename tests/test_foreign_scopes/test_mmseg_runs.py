"""MMSegmentation's Runner with parts of vosplug, and with a whole method of it."""

import copy
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from small_data import make_frames, make_masks, write_davis
from small_models import GROUP_NORM, small_stm

from vosplug.apis import init_model
from vosplug.engine.hooks import LossRampHook
from vosplug.models import MobileNetV2
from vosplug.structures import ObjectPrompt


class Recorder(Hook):
    """Losses of every iteration."""

    def __init__(self) -> None:
        self.losses: list[dict[str, float]] = []

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        self.losses.append({name: value.item() for name, value in outputs.items()})


def run_config(folder: Path, iterations: int, **parts) -> Config:
    """What an MMSegmentation config says besides model and data; nothing of it is vosplug's."""
    return Config(
        dict(
            default_scope='mmseg',
            work_dir=str(folder / 'out'),
            experiment_name=str(folder),
            optim_wrapper=dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-3)),
            param_scheduler=[dict(type='PolyLR', eta_min=1e-4, power=0.9, by_epoch=False, end=9)],
            train_cfg=dict(type='IterBasedTrainLoop', max_iters=iterations, val_interval=99),
            randomness=dict(seed=0),
            log_level='WARNING',
            **parts,
        )
    )


def loader(dataset: dict, sampler: str, batch_size: int = 1, **kwargs) -> dict:
    return dict(
        batch_size=batch_size,
        num_workers=0,
        sampler=dict(type=sampler, shuffle=False),
        dataset=dataset,
        **kwargs,
    )


@pytest.fixture
def still_images(tmp_path) -> dict:
    """An MMSegmentation dataset of frames and class masks."""
    masks = (make_masks(4, size=(64, 64)) > 0).astype(np.uint8)
    for t, (mask, image) in enumerate(zip(masks, make_frames(masks), strict=True)):
        for place, name, content in (('img', f'{t}.jpg', image), ('ann', f'{t}.png', mask)):
            (tmp_path / place).mkdir(exist_ok=True)
            cv2.imwrite(str(tmp_path / place / name), content)
    return dict(
        type='BaseSegDataset',
        data_root=str(tmp_path),
        data_prefix=dict(img_path='img', seg_map_path='ann'),
        metainfo=dict(classes=('rest', 'object')),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='LoadAnnotations'),
            dict(type='RandomFlip', prob=0.5),
            dict(type='PackSegInputs'),
        ],
    )


def test_mmsegmentation_trains_with_our_backbone_two_losses_and_a_hook(tmp_path, still_images):
    head = dict(
        type='FCNHead', in_channels=96, in_index=2, channels=8, num_convs=1, num_classes=2, out_channels=2,
        loss_decode=[
            dict(type='vosplug.BootstrappedCrossEntropyLoss'),
            dict(type='vosplug.PartiallyHuberisedCrossEntropyLoss', tau=3),
        ],
    )  # fmt: skip
    model = dict(
        type='EncoderDecoder',
        data_preprocessor=dict(type='SegDataPreProcessor', size=(64, 64)),
        backbone=dict(type='vosplug.MobileNetV2'),
        decode_head=head,
        test_cfg=dict(mode='whole'),
    )
    ramp = dict(
        type='vosplug.LossRampHook',
        loss='loss_bootstrapped_ce',
        attribute='top_p',
        start=1.0,
        end=0.5,
        until=2,
    )
    data = loader(still_images, 'InfiniteSampler', batch_size=2)
    runner = Runner.from_cfg(run_config(tmp_path, 2, model=model, train_dataloader=data, custom_hooks=[ramp]))
    before = copy.deepcopy(runner.model.state_dict())
    runner.register_hook(recorder := Recorder())
    runner.train()
    assert isinstance(runner.model.backbone, MobileNetV2)
    assert any(isinstance(hook, LossRampHook) for hook in runner.hooks)
    assert runner.model.decode_head.loss_decode[0].top_p == 0.75
    assert len(recorder.losses) == 2
    for losses in recorder.losses:
        assert losses['decode.loss_bootstrapped_ce'] > 0 and losses['decode.loss_ph_ce'] > 0
    weight = 'backbone.conv1.conv.weight'
    assert not torch.equal(before[weight], runner.model.state_dict()[weight])


def test_our_segmentor_dataset_and_metric_train_and_test_in_their_scope(tmp_path):
    """Parts of the segmentor have no prefix; its backbone is theirs, also without one."""
    write_davis(tmp_path, {'bear': make_masks(), 'goat': make_masks(5)})
    model = {**small_stm(), 'type': 'vosplug.STM', 'test_cfg': dict(short_side=48)}
    model['backbone'] = {**model['backbone'], 'type': 'ResNet', 'norm_cfg': GROUP_NORM}
    data = dict(type='vosplug.DAVIS2017Dataset', data_root=str(tmp_path), ann_file='ImageSets/train.txt')
    pipeline = [
        dict(type='LoadClip'),
        dict(type='ClipRandomCrop', size=(48, 48)),
        dict(type='PerFrame', transforms=[dict(type='PhotoMetricDistortion')]),
        dict(type='PackClip'),
    ]
    runner = Runner.from_cfg(
        run_config(
            tmp_path, 1, model=model,
            train_dataloader=loader(dict(**data, supervision='box', pipeline=pipeline), 'InfiniteSampler'),
            test_dataloader=loader(
                dict(**data, test_mode=True), 'DefaultSampler', collate_fn=dict(type='pseudo_collate')
            ),
            test_cfg=dict(type='vosplug.VideoTestLoop'),
            test_evaluator=dict(type='vosplug.VOSMetric', protocol='davis2017'),
            custom_hooks=[dict(type='vosplug.MaskWriterHook', out_dir=str(tmp_path / 'masks'))],
        )
    )  # fmt: skip
    runner.register_hook(recorder := Recorder())
    runner.train()
    scores = runner.test()
    assert type(runner.model.backbone).__module__.startswith('mmseg.')
    assert recorder.losses[0]['loss_projection'] > 0 and recorder.losses[0]['loss_pairwise'] >= 0
    assert 0 <= scores['J&F-Mean'] <= 1
    assert len(list((tmp_path / 'masks').glob('*/*.png'))) == 11


def test_a_config_in_their_scope_gives_a_model_and_leaves_the_scope_alone(tmp_path):
    model = {**small_stm(), 'type': 'vosplug.STM'}
    model['backbone'] = {**model['backbone'], 'type': 'ResNet'}
    with DefaultScope.overwrite_default_scope('mmdet'):
        built = init_model(Config(dict(default_scope='mmseg', model=model)))
        assert DefaultScope.get_current_instance().scope_name == 'mmdet'
    assert type(built.backbone).__module__.startswith('mmseg.')
    masks = make_masks(3)
    prompts = {0: [ObjectPrompt(3, mask=masks[0] == 3)]}
    assert len(list(built.stream(make_frames(masks), prompts))) == 3
