# The original space-time memory network (Oh et al. 2019), the VOS model of Voigtlaender et al. 2021, 39 M
# parameters; tools/model_converters/stm_to_vosplug.py converts the authors' checkpoint.
resnet50 = dict(
    depth=50,
    num_stages=3,
    strides=(1, 2, 2),
    dilations=(1, 1, 1),
    style='pytorch',
    norm_cfg=dict(type='BN', requires_grad=True),
    norm_eval=True,  # Oh et al. 2019: batch normalisation is off in training; statistics stay ImageNet's
    init_cfg=dict(type='Pretrained', checkpoint='{{$RESNET50_WEIGHTS:torchvision://resnet50}}'),
)
model = dict(
    type='STM',
    data_preprocessor=dict(type='VOSDataPreprocessor', pad_colour='black'),  # as in their published code
    backbone=dict(type='mmseg.ResNet', out_indices=(0, 1, 2), **resnet50),
    key_projection=dict(type='ConvKeyProjection', in_channels=1024, out_channels=128),
    value_encoder=dict(
        type='KeyValueEncoder',
        backbone=dict(type='ExtraChannelResNet', out_indices=(2,), **resnet50),
        backbone_channels=1024,
        key_channels=128,
        out_channels=512,
    ),
    decode_head=dict(
        type='RefinementDecodeHead',
        value_channels=512,
        feature_channels=(256, 512, 1024),
        channels=256,
        loss_mask=[dict(type='mmseg.CrossEntropyLoss', avg_non_ignore=True)],
    ),
    # Oh et al. 2019, Sec. 3.6: every 5th frame and the previous one. 40 bounds memory on long videos and
    # drops nothing on DAVIS, whose longest videos give 21.
    memory=dict(mem_every=5, include_previous=True, similarity='dot', max_frames=40),
    test_cfg=dict(short_side=480),
)
