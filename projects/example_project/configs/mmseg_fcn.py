# An MMSegmentation model in its own scope, with a loss of vosplug.
default_scope = 'mmseg'
custom_imports = dict(imports=['vosplug.models'], allow_failed_imports=False)
norm_cfg = dict(type='BN', requires_grad=True)
model = dict(
    type='EncoderDecoder',
    backbone=dict(
        type='ResNet',
        depth=18,
        norm_cfg=norm_cfg,
        num_stages=4,
        strides=(1, 2, 1, 1),
        dilations=(1, 1, 2, 4),
        out_indices=(0, 1, 2, 3),
    ),
    decode_head=dict(
        type='FCNHead',
        in_channels=512,
        in_index=3,
        channels=64,
        num_convs=1,
        num_classes=21,
        norm_cfg=norm_cfg,
        loss_decode=dict(type='vosplug.PartiallyHuberisedCrossEntropyLoss', tau=3),
    ),
    train_cfg=dict(),
    test_cfg=dict(mode='whole'),
)
