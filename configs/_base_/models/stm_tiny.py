# A space-time memory network that trains from scratch in minutes on a CPU, 0.4 M parameters.
_base_ = ['../losses/box_small.py']
group_norm = dict(type='GN', num_groups=4, requires_grad=True)
model = dict(
    type='STM',
    data_preprocessor=dict(type='VOSDataPreprocessor'),
    backbone=dict(
        type='mmseg.ResNet',
        depth=18,
        stem_channels=16,
        base_channels=16,
        num_stages=3,
        strides=(1, 2, 2),
        dilations=(1, 1, 1),
        out_indices=(0, 1, 2),
        norm_cfg=group_norm,
    ),
    neck=dict(type='TopDownNeck', in_channels=[16, 32, 64], out_channels=[16, 32]),
    key_projection=dict(type='CosineKeyProjection', in_channels=[32, 64], out_channels=64),
    value_encoder=dict(
        type='MaskValueEncoder',
        backbone=dict(
            type='mmseg.ResNet',
            depth=18,
            in_channels=5,
            stem_channels=16,
            base_channels=16,
            num_stages=2,
            strides=(1, 2),
            dilations=(1, 1),
            out_indices=(1,),
            norm_cfg=group_norm,
        ),
        backbone_channels=32,
        key_channels=32,
        out_channels=32,
    ),
    decode_head=dict(
        type='SpaceTimeDecodeHead',
        value_channels=32,
        feature_channels=(16, 32),
        channels=32,
        loss_mask=[dict(type='mmseg.CrossEntropyLoss', avg_non_ignore=True)],
        loss_box=[
            {{_base_.object_projection}},
            {{_base_.background}},
            {{_base_.synthetic_pairwise}},
        ],
    ),
    # Oh et al. 2019, Sec. 3.6: every 5th frame and the previous one; the rest bounds time and memory.
    memory=dict(mem_every=5, include_previous=True, max_frames=4, top_k=32),
    test_cfg=dict(short_side=128),  # training resolution
)
