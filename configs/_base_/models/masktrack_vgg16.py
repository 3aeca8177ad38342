# MaskTrack of Perazzi et al. 2017: DeepLabv2 with VGG16 (Chen et al. 2016) and the mask as fourth channel, 38
# M parameters. Weights are ImageNet's; those of fc6 and fc7 start at random, since torchvision's classifier
# is not subsampled as DeepLab's was.
imagenet_weights = '{{$VGG16_WEIGHTS:checkpoints/vgg16_imagenet_conv.safetensors}}'
model = dict(
    type='MaskTrack',
    data_preprocessor=dict(type='VOSDataPreprocessor', size_divisor=8),
    network=dict(
        type='mmseg.EncoderDecoder',
        backbone=dict(
            type='vosplug.DeepLabVGG16',
            in_channels=4,
            init_cfg=dict(type='Pretrained', checkpoint=imagenet_weights),
        ),
        decode_head=dict(
            type='vosplug.DeepLabV2Head',
            in_channels=512,
            channels=1024,
            dilations=(6, 12, 18, 24),  # atrous spatial pyramid pooling; (12,) is the large field of view
            num_classes=2,
            out_channels=2,
        ),
    ),
    dilation=5,  # Sec. 4
    test_cfg=dict(aggregation=dict(type='MaxScoreAggregation')),
)
