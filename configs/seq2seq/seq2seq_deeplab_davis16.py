# Sec. 5.3, setting 3: the Encoder is a frozen DeepLab trained for image segmentation; the rest is trained on
# DAVIS 2016. The paper does not say which DeepLab; here it is MMSegmentation's DeepLabv3 with ResNet-50,
# trained on PASCAL VOC 2012 (deeplabv3_r50-d8_512x512_20k_voc12aug), without its head. Features and states
# are at stride 8, so the decoder upsamples three times.
_base_ = ['./seq2seq_vgg16_davis16.py']
deeplab_weights = '{{$DEEPLAB_WEIGHTS:checkpoints/deeplabv3_r50-d8_512x512_20k_voc12aug.pth}}'
model = dict(
    backbone=dict(
        _delete_=True,
        type='mmseg.ResNetV1c',
        depth=50,
        strides=(1, 2, 1, 1),
        dilations=(1, 1, 2, 4),
        out_indices=(3,),
        contract_dilation=True,
        norm_cfg=dict(type='BN'),
        norm_eval=True,
        frozen_stages=4,
        init_cfg=dict(type='Pretrained', checkpoint=deeplab_weights, prefix='backbone.'),
    ),
    start_backbone=dict(type='DeepLabVGG16', fc6_channels=2048),
    in_channels=2048,
    decode_head=dict(channels=(512, 256, 128)),
)
