# LWL for CPUs and 240p, with filters on 128 channels.
_base_ = ['./lwl_r50.py', '../backbones/mobilenetv2_levels.py']
model = dict(
    data_preprocessor=dict(_delete_=True, type='VOSDataPreprocessor'),
    backbone={{_base_.mobilenetv2_levels}},
    key_projection=dict(in_channels=96, channels=128),
    value_encoder=dict(channels=(16, 32, 48, 16)),
    decode_head={{_base_.small_decoder}},
    test_cfg=dict(short_side=240),
)
