# Box2Seg with a backbone for CPUs, 2.8 M parameters in all.
_base_ = ['./box2seg_xception65.py']
imagenet_weights = '{{$MOBILENETV2_WEIGHTS:checkpoints/mobilenet_v2-b0353104.pth}}'
model = dict(
    data_preprocessor=dict(_delete_=True, type='vosplug.BoxCropPreprocessor'),
    backbone=dict(
        _delete_=True,
        type='vosplug.MobileNetV2',
        in_channels=4,
        strides=(1, 2, 2, 2, 1, 1, 1),
        dilations=(1, 1, 1, 1, 1, 2, 2),
        out_indices=(1, 6),
        init_cfg=dict(type='Pretrained', checkpoint=imagenet_weights),
    ),
    decode_head=dict(in_channels=320, channels=128, c1_in_channels=24, c1_channels=24),
)
