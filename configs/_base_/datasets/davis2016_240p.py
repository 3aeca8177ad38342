# DAVIS 2016: training clips from the 30 training sequences at 240p, testing on validation sequences at 480p.
davis2016_root = '{{$DAVIS2016_ROOT:data/davis2016}}'
train_pipeline = [
    dict(type='LoadClip'),
    dict(type='ClipResize', short_side=(240, 320)),
    dict(type='ClipRandomCrop', size=(240, 240)),
    dict(type='ClipRandomFlip', prob=0.5),
    dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')]),
    dict(type='PackClip'),
]
train_dataloader = dict(
    batch_size=4,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='DAVIS2016Dataset',
        data_root=davis2016_root,
        resolution='240p',
        clip_sampler=dict(num_frames=3, max_gap=10),
        pipeline=train_pipeline,
    ),
)
test_dataloader = dict(
    batch_size=1,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(type='DAVIS2016Dataset', data_root=davis2016_root, resolution='480p', test_mode=True),
)
val_dataloader = test_dataloader
test_evaluator = dict(type='JFMetric', protocol='davis2016')
val_evaluator = test_evaluator
