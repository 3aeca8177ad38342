# STANet for CPUs and 240p. The backbone is frozen, too.
_base_ = ['./sta_r50.py', '../backbones/mobilenetv2_levels.py']
encoder = dict(feature_channels=128, channels=(16, 32, 48, 16))
model = dict(
    data_preprocessor=dict(_delete_=True, type='BoxCropPreprocessor'),
    backbone=dict(_base_.mobilenetv2_levels, frozen_stages=6),
    features=dict(in_channels=96, channels=128),
    box_encoder=encoder,
    frame_encoder=encoder,
    mask_encoder=dict(channels=(16, 32, 48, 16)),
    decode_head={{_base_.small_decoder}},
)
