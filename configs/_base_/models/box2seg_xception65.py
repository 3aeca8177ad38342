# Box2Seg of Voigtlaender et al. 2021, Sec. 3.1: DeepLabv3+ (Chen et al. 2018) with Xception-65 and the box as
# a fourth channel, 44 M parameters.
model = dict(
    type='Box2Seg',
    # normalisation of timm's ImageNet weights
    data_preprocessor=dict(type='vosplug.BoxCropPreprocessor', mean=(127.5,) * 3, std=(127.5,) * 3),
    backbone=dict(
        type='vosplug.Xception65',
        in_channels=4,
        init_cfg=dict(
            type='Pretrained',
            checkpoint='{{$XCEPTION65_WEIGHTS:checkpoints/xception65.tf_in1k.safetensors}}',
        ),
    ),
    decode_head=dict(
        type='mmseg.DepthwiseSeparableASPPHead',
        in_channels=2048,
        in_index=1,
        channels=256,
        dilations=(1, 6, 12, 18),  # Chen et al. 2018, for output stride 16
        c1_in_channels=256,
        c1_channels=48,
        num_classes=2,
        out_channels=2,  # stated because MMSegmentation otherwise advises 1 with a warning
        norm_cfg=dict(type='BN'),
        align_corners=False,
        loss_decode=dict(type='mmseg.CrossEntropyLoss', avg_non_ignore=True),
    ),
    test_cfg=dict(mode='whole'),
)
