# A small space-time memory network with an ImageNet backbone, 1.2 M parameters; keys at stride 8, since
# it works at 240p, where stride 8 is what the paper's stride 16 is at 480p.
imagenet_weights = '{{$MOBILENETV2_WEIGHTS:checkpoints/mobilenet_v2-b0353104.pth}}'
group_norm = dict(type='GN', num_groups=8, requires_grad=True)
model = dict(
    type='STM',
    data_preprocessor=dict(type='VOSDataPreprocessor'),
    backbone=dict(
        type='MobileNetV2',
        norm_eval=True,  # clips of a few frames make poor batch statistics (Oh et al. 2019, Sec. 3.5)
        init_cfg=dict(type='Pretrained', checkpoint=imagenet_weights),
    ),
    neck=dict(type='TopDownNeck', in_channels=[24, 32, 96], out_channels=[32, 64]),
    key_projection=dict(type='CosineKeyProjection', in_channels=[32, 96], out_channels=128),
    value_encoder=dict(
        type='MaskValueEncoder',
        backbone=dict(
            type='mmseg.ResNet',
            depth=18,
            in_channels=5,
            stem_channels=32,
            base_channels=32,
            num_stages=2,
            strides=(1, 2),
            dilations=(1, 1),
            out_indices=(1,),
            norm_cfg=group_norm,
        ),
        backbone_channels=64,
        key_channels=64,
        out_channels=64,
    ),
    decode_head=dict(
        type='SpaceTimeDecodeHead',
        value_channels=64,
        feature_channels=(32, 64),
        channels=64,
        loss_mask=[dict(type='mmseg.CrossEntropyLoss', avg_non_ignore=True)],
        loss_box=[
            dict(type='BoxProjectionLoss'),
            dict(type='BoxBackgroundLoss'),
            dict(type='ColorPairwiseLoss', stride=2, loss_weight=3.0),
        ],
    ),
    # Oh et al. 2019, Sec. 3.6: every 5th frame and the previous one; the rest bounds time and memory.
    memory=dict(mem_every=5, include_previous=True, max_frames=6, top_k=64),
    test_cfg=dict(short_side=240),
)
