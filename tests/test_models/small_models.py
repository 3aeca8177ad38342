"""Configs of models small enough for tests of seconds."""

GROUP_NORM = dict(type='GN', num_groups=4, requires_grad=True)


def resnet(stages: int, **kwargs) -> dict:
    return dict(
        type='mmseg.ResNet',
        depth=18,
        stem_channels=8,
        base_channels=8,
        num_stages=stages,
        strides=(1, 2, 2)[:stages],
        dilations=(1,) * stages,
        norm_cfg=GROUP_NORM,
        **kwargs,
    )


def small_stm() -> dict:
    """Config of a space-time memory network of width 8."""
    return dict(
        type='STM',
        backbone=resnet(3, out_indices=(0, 1, 2)),
        neck=dict(type='TopDownNeck', in_channels=[8, 16, 32], out_channels=[8, 8]),
        key_projection=dict(type='CosineKeyProjection', in_channels=[16, 32], out_channels=8),
        value_encoder=dict(
            type='MaskValueEncoder',
            backbone=resnet(2, in_channels=5, out_indices=(1,)),
            backbone_channels=16,
            key_channels=8,
            out_channels=8,
        ),
        decode_head=dict(
            type='SpaceTimeDecodeHead',
            value_channels=8,
            feature_channels=(8, 8),
            channels=8,
            loss_box=[
                dict(type='BoxProjectionLoss'),
                dict(type='BoxBackgroundLoss'),
                dict(type='ColorPairwiseLoss', stride=2),
            ],
        ),
        memory=dict(mem_every=5, max_frames=2, top_k=16),
    )
