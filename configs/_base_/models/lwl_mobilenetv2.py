# The same for CPUs and 240p: ImageNet's MobileNetV2 up to stride 32, filters on 128 channels.
_base_ = ['./lwl_r50.py']
imagenet_weights = '{{$MOBILENETV2_WEIGHTS:checkpoints/mobilenet_v2-b0353104.pth}}'
model = dict(
    data_preprocessor=dict(_delete_=True, type='VOSDataPreprocessor'),
    backbone=dict(
        _delete_=True,
        type='MobileNetV2',
        out_indices=(1, 2, 4, 5),
        norm_eval=True,
        init_cfg=dict(type='Pretrained', checkpoint=imagenet_weights),
    ),
    key_projection=dict(in_channels=96, channels=128),
    value_encoder=dict(channels=(16, 32, 48, 16)),
    decode_head=dict(
        in_channels=(24, 32, 96, 160),
        channels=(24, 32, 48, 64),
        interpolation='bilinear',
        # with the Lovasz loss alone, short trainings may stay at a probability of one half everywhere
        loss_object=[dict(type='ObjectLovaszLoss'), dict(type='ObjectBinaryCrossEntropyLoss')],
    ),
    test_cfg=dict(short_side=240),
)
