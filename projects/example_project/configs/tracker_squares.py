# A tracker without a network: nothing to train, no checkpoint.
_base_ = ['./stm_plain_squares.py']
model = dict(
    _delete_=True,
    type='StreamingModel',
    tracker=dict(type='ColourHistogramTracker', test_cfg=dict(postprocess=[dict(type='LargestComponent')])),
)
