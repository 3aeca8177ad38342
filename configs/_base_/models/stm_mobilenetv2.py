# The network of stm_tiny.py, wider and with an ImageNet-pretrained backbone, 1.2 M parameters; keys are at
# stride 8, which at 240p corresponds to the paper's stride 16 at 480p.
_base_ = ['./stm_tiny.py']
imagenet_weights = '{{$MOBILENETV2_WEIGHTS:checkpoints/mobilenet_v2-b0353104.pth}}'
group_norm = dict(type='GN', num_groups=8, requires_grad=True)
model = dict(
    backbone=dict(
        _delete_=True,
        type='MobileNetV2',
        norm_eval=True,  # clips of a few frames make poor batch statistics (Oh et al. 2019, Sec. 3.5)
        init_cfg=dict(type='Pretrained', checkpoint=imagenet_weights),
    ),
    neck=dict(in_channels=[24, 32, 96], out_channels=[32, 64]),
    key_projection=dict(in_channels=[32, 96], out_channels=128),
    value_encoder=dict(
        backbone=dict(stem_channels=32, base_channels=32, norm_cfg=group_norm),
        backbone_channels=64,
        key_channels=64,
        out_channels=64,
    ),
    decode_head=dict(
        value_channels=64,
        feature_channels=(32, 64),
        channels=64,
        # weights of Tian et al. 2021: real objects have many colours
        loss_box=[{{_base_.object_projection}}, {{_base_.background}}, {{_base_.boxinst_pairwise}}],
    ),
    memory=dict(max_frames=6, top_k=64),
    test_cfg=dict(short_side=240),
)
