# ImageNet-pretrained MobileNetV2 up to stride 32 and a decoder over its four levels, for STANet and LWL on
# CPUs.
imagenet_weights = '{{$MOBILENETV2_WEIGHTS:checkpoints/mobilenet_v2-b0353104.pth}}'
mobilenetv2_levels = dict(
    _delete_=True,
    type='MobileNetV2',
    out_indices=(1, 2, 4, 5),
    norm_eval=True,
    init_cfg=dict(type='Pretrained', checkpoint=imagenet_weights),
)
small_decoder = dict(
    in_channels=(24, 32, 96, 160),
    channels=(24, 32, 48, 64),
    interpolation='bilinear',
    # with the Lovasz loss alone, short training runs may stay at a probability of one half everywhere
    loss_object=[dict(type='ObjectLovaszLoss'), dict(type='ObjectBinaryCrossEntropyLoss')],
)
