# Xu et al. 2018, Sec. 4.3: Initializer and Encoder are VGG16s whose first fully connected layer is a 1x1
# convolution, 69 M parameters together. Weights of the 13 convolutions are ImageNet's; those of fc6 start at
# random, since weights of a 7x7 window do not fit a 1x1 convolution. So does the Initializer's mask channel.
imagenet_weights = '{{$VGG16_WEIGHTS:checkpoints/vgg16_imagenet_conv.safetensors}}'
imagenet = dict(type='Pretrained', checkpoint=imagenet_weights)
model = dict(
    type='Seq2Seq',
    data_preprocessor=dict(type='VOSDataPreprocessor', size_divisor=32),
    backbone=dict(type='VGG16', fc6_channels=4096, init_cfg=imagenet),
    start_backbone=dict(type='VGG16', in_channels=4, fc6_channels=4096, init_cfg=imagenet),
    in_channels=4096,
    channels=512,
    memory=dict(type='ConvLSTM', in_channels=512, channels=512),
    # Eq. 5 is misprinted, its second term has the wrong sign: binary cross entropy, object by object
    decode_head=dict(
        type='UpsamplingDecodeHead', loss_mask=(), loss_object=[dict(type='ObjectBinaryCrossEntropyLoss')]
    ),
    # the paper does not say how several objects are merged: here they compete by score
    test_cfg=dict(short_side=256, aggregation=dict(type='MaxScoreAggregation')),
)
