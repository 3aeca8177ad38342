# Seq2Seq for CPUs and 240p, 2.5 M parameters: MobileNetV2s as Initializer and Encoder, states of 128 channels
# at stride 16, and a decoder that also takes the frame's finer features.
imagenet_weights = '{{$MOBILENETV2_WEIGHTS:checkpoints/mobilenet_v2-b0353104.pth}}'
imagenet = dict(type='Pretrained', checkpoint=imagenet_weights)
model = dict(
    type='Seq2Seq',
    data_preprocessor=dict(type='VOSDataPreprocessor', size_divisor=16),
    # clips of a few frames make poor batch statistics
    backbone=dict(type='MobileNetV2', norm_eval=True, init_cfg=imagenet),
    start_backbone=dict(
        type='MobileNetV2', in_channels=4, out_indices=(4,), norm_eval=True, init_cfg=imagenet
    ),
    in_channels=96,
    channels=128,
    # the paper's ReLU lets states grow: beyond twice the length of the training clips they diverge
    memory=dict(type='ConvLSTM', in_channels=128, channels=128, activation='tanh'),
    decode_head=dict(
        type='UpsamplingDecodeHead',
        in_channels=128,
        channels=(96, 48, 24),
        kernel_size=3,
        feature_channels=(24, 32),
        loss_mask=(),
        loss_object=[dict(type='ObjectBinaryCrossEntropyLoss'), dict(type='ObjectDiceLoss')],
    ),
    test_cfg=dict(short_side=240, aggregation=dict(type='MaxScoreAggregation')),
)
