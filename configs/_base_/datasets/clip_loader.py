# Settings shared by training datasets.
grey_clips = dict(  # XMem's published code: 5% of the clips; weights of B, G and R
    type='RandomGrayscale', prob=0.05, keep_channels=True, channel_weights=(0.114, 0.587, 0.299)
)
clips_240p = [
    dict(type='LoadClip'),
    dict(type='ClipResize', short_side=(240, 320)),
    dict(type='ClipRandomCrop', size=(240, 240)),
    dict(type='ClipRandomFlip', prob=0.5),
    dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')]),
    dict(type='StartMasks'),
    dict(type='PackClip'),
]
train_dataloader = dict(
    batch_size=4,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'),
)
