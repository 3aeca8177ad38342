# Training samples for small networks at 240p, where half the dilation corresponds to the paper's at 480p;
# images are deformed too, since there are few.
input_masks = dict(type='InputMasks', dilate=3)
crop = dict(type='ClipRandomCrop', size=(193, 193))
flip = dict(type='ClipRandomFlip', prob=0.5)
colours = dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')])
sample_steps = [
    dict(type='LoadClip'),
    dict(type='ClipResize', short_side=(200, 320)),
    input_masks,
    flip,
    dict(type='ClipRandomAffine', degrees=10, scale=(0.8, 1.25), shear=5, shift=0, jitter=0),
    crop,
    colours,
    dict(type='PackClip'),
]
rotation = dict(type='ClipRandomAffine', degrees=15, scale=(0.8, 1.25), shear=5, shift=0, jitter=0)
online_steps = [input_masks, flip, rotation, crop, colours, dict(type='PackClip')]
online = dict(
    type='OnlineAdapter',
    steps=100,
    batch_size=4,
    num_frames=1,
    per_object=True,
    # chosen on five held-out sequences: configs/masktrack/README.md
    optim_wrapper=dict(type='BFloat16OptimWrapper', optimizer=dict(type='AdamW', lr=3e-4)),
    pipeline=online_steps,
)
