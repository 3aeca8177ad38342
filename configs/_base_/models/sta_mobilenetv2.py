# The same for CPUs and 240p. The backbone, ImageNet's MobileNetV2 up to stride 32, stays as it is, too.
_base_ = ['./sta_r50.py']
imagenet_weights = '{{$MOBILENETV2_WEIGHTS:checkpoints/mobilenet_v2-b0353104.pth}}'
encoder = dict(feature_channels=128, channels=(16, 32, 48, 16))
model = dict(
    data_preprocessor=dict(_delete_=True, type='BoxCropPreprocessor'),
    backbone=dict(
        _delete_=True,
        type='MobileNetV2',
        out_indices=(1, 2, 4, 5),
        frozen_stages=6,
        norm_eval=True,
        init_cfg=dict(type='Pretrained', checkpoint=imagenet_weights),
    ),
    features=dict(in_channels=96, channels=128),
    box_encoder=encoder,
    frame_encoder=encoder,
    mask_encoder=dict(channels=(16, 32, 48, 16)),
    decode_head=dict(
        in_channels=(24, 32, 96, 160),
        channels=(24, 32, 48, 64),
        interpolation='bilinear',
        # with the Lovasz loss alone, short trainings may stay at a probability of one half everywhere
        loss_object=[dict(type='ObjectLovaszLoss'), dict(type='ObjectBinaryCrossEntropyLoss')],
    ),
)
