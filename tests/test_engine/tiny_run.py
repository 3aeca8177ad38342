"""Config of a whole run in seconds: a tiny network, tiny synthetic videos, an odd number of test videos."""

from pathlib import Path

TOOLS = Path(__file__).parents[2] / 'tools'

CONFIG = """
default_scope = 'vosplug'
group_norm = dict(type='GN', num_groups=4, requires_grad=True)
resnet = dict(type='mmseg.ResNet', depth=18, stem_channels=8, base_channels=8, norm_cfg=group_norm)
model = dict(
    type='STM',
    data_preprocessor=dict(type='VOSDataPreprocessor'),
    backbone=dict(
        **resnet, num_stages=3, strides=(1, 2, 2), dilations=(1, 1, 1), out_indices=(0, 1, 2)),
    neck=dict(type='TopDownNeck', in_channels=[8, 16, 32], out_channels=[8, 8]),
    key_projection=dict(type='CosineKeyProjection', in_channels=[16, 32], out_channels=8),
    value_encoder=dict(
        type='MaskValueEncoder',
        backbone=dict(
            **resnet, in_channels=5, num_stages=2, strides=(1, 2), dilations=(1, 1), out_indices=(1,)),
        backbone_channels=16, key_channels=8, out_channels=8),
    decode_head=dict(type='SpaceTimeDecodeHead', value_channels=8, feature_channels=(8, 8), channels=8),
    memory=dict(max_frames=2, top_k=16),
)
train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='SyntheticVOS', num_videos=8, num_frames=6, size=(48, 64), supervision='box',
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipRandomCrop', size=(48, 48)),
            dict(type='ClipRandomFlip'),
            dict(type='PackClip'),
        ]),
)
test_dataloader = dict(
    batch_size=1,
    num_workers=0,
    sampler=dict(type='VideoSampler'),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='SyntheticVOS', num_videos=3, num_frames=5, size=(48, 64), seed=1000, test_mode=True),
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol='davis2017', out_file='scores.json')
val_evaluator = test_evaluator
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-3))
param_scheduler = [dict(type='LinearLR', start_factor=0.1, by_epoch=False, begin=0, end=4)]
train_cfg = dict(type='VideoTrainLoop', max_iters=4, val_interval=4)
val_cfg = dict(type='VideoValLoop')
test_cfg = dict(type='VideoTestLoop')
randomness = dict(seed=0)
visualizer = dict(type='VOSVisualizer', vis_backends=[dict(type='LocalVisBackend')])
log_processor = dict(by_epoch=False)
default_hooks = dict(
    logger=dict(type='LoggerHook', interval=1, log_metric_by_epoch=False),
    checkpoint=dict(type='AtomicCheckpointHook', by_epoch=False, interval=2),
)
"""


def write_config(path: Path, extra: str = '') -> Path:
    """The config with more lines at its end."""
    # visualizers are global by name, and every run needs its own
    path.write_text(f'{CONFIG}\nvisualizer["name"] = {str(path)!r}\n{extra}\n')
    return path
