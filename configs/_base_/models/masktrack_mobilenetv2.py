# The same with the network of box2seg_mobilenetv2.py, 2.8 M parameters, for CPUs and 240p: the dilation is
# half as large there.
_base_ = ['./box2seg_mobilenetv2.py']
model = dict(
    _delete_=True,
    type='MaskTrack',
    data_preprocessor=dict(type='VOSDataPreprocessor', size_divisor=16),
    network=dict(
        type='mmseg.EncoderDecoder',
        backbone={{_base_.model.backbone}},
        decode_head={{_base_.model.decode_head}},
    ),
    dilation=3,
    test_cfg=dict(short_side=240, aggregation=dict(type='MaxScoreAggregation')),
)
