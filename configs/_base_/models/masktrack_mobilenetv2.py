# MaskTrack with the network of box2seg_mobilenetv2.py, 2.8 M parameters, for CPUs and 240p, where the
# dilation is half as large. It starts from Box2Seg's weights, whose fourth input channel is a box, so
# training takes minutes, not hours.
box2seg_weights = 'work_dirs/box2seg_mobilenetv2_mixed/iter_6500.pth'
_base_ = ['./box2seg_mobilenetv2.py']
model = dict(
    _delete_=True,
    type='MaskTrack',
    data_preprocessor=dict(type='VOSDataPreprocessor', size_divisor=16),
    network=dict(
        type='mmseg.EncoderDecoder',
        backbone={{_base_.model.backbone}},
        decode_head={{_base_.model.decode_head}},
        init_cfg=dict(type='Pretrained', checkpoint=box2seg_weights),
    ),
    dilation=3,
    losses=dict(loss_object=[dict(type='ObjectBinaryCrossEntropyLoss'), dict(type='ObjectDiceLoss')]),
    test_cfg=dict(short_side=240, aggregation=dict(type='MaxScoreAggregation')),
)
