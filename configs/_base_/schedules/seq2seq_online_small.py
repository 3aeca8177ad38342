# Online learning of small networks at 240p: fewer pairs, cropped, and a higher learning rate.
_base_ = ['./seq2seq_online.py']
pairs = _base_.seq2seq_online.pipeline
seq2seq_online = dict(
    steps=100,
    batch_size=2,
    optim_wrapper=dict(_delete_=True, type='BFloat16OptimWrapper', optimizer=dict(type='AdamW', lr=3e-4)),
    pipeline=[
        *pairs[:2],  # flip and motion
        dict(type='ClipRandomCrop', size=(240, 240)),
        dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')]),
        pairs[2],
    ],
)
