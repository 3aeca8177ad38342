# The network of xmem_tiny.py, wider and with an ImageNet-pretrained backbone, 2 M parameters; keys are at
# stride 8, which at 240p corresponds to the paper's stride 16 at 480p.
_base_ = ['./xmem_tiny.py']
imagenet_weights = '{{$MOBILENETV2_WEIGHTS:checkpoints/mobilenet_v2-b0353104.pth}}'
group_norm = dict(type='GN', num_groups=8, requires_grad=True)
model = dict(
    backbone=dict(
        _delete_=True,
        type='MobileNetV2',
        norm_eval=True,
        init_cfg=dict(type='Pretrained', checkpoint=imagenet_weights),
    ),
    neck=dict(in_channels=[24, 32, 96], out_channels=[32, 64]),
    key_projection=dict(in_channels=[32, 96], out_channels=128),
    value_encoder=dict(
        backbone=dict(stem_channels=32, base_channels=32, norm_cfg=group_norm),
        backbone_channels=64,
        key_channels=64,
        out_channels=64,
        sensory_channels=32,
    ),
    decode_head=dict(
        value_channels=64,
        sensory_channels=32,
        feature_channels=(32, 64),
        channels=(64, 64),
        update_channels=64,
    ),
    memory=dict(min_mid_term_frames=3, max_mid_term_frames=6, num_prototypes=128, top_k=64),
    initializer=dict(type='GrabCutInitializer', iterations=2),
    test_cfg=dict(short_side=240),
)
