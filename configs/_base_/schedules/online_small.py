# Online adaptation of matching networks on CPUs: 20 training steps of the decoder. Chosen with xmem-tiny-box
# on five training sequences (configs/xmem_box/README.md, "Online adaptation").
online = dict(
    type='OnlineAdapter',
    steps=20,
    optim_wrapper=dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=5e-5)),
    batch_size=2,
    parts=['decode_head'],
    pipeline=[
        dict(type='ClipRandomFlip', prob=0.5),
        dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')]),
        dict(type='ClipRandomAffine', degrees=15, scale=(0.8, 1.25), shear=10, shift=0.1, jitter=0.5),
        dict(type='PackClip'),
    ],
)
