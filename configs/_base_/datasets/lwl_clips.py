# Training clips of LWL (Bhat et al. 2020), with the authors' published settings (pytracking,
# ltr/train_settings/lwl/lwl_stage2.py): batch size 20, one object in 4 frames; each frame is rotated, scaled
# and made brighter or darker independently; 5% of the clips are grey. Differences: configs/lwl/README.md.
_base_ = ['./ytvos2019_davis17.py']
total_batch_size = 20
brightness = dict(  # a factor from 0.8 to 1.2, in half of the frames
    type='mmseg.PhotoMetricDistortion',
    brightness_delta=0,
    contrast_range=(0.8, 1.2),
    saturation_range=(1, 1),
    hue_delta=1,  # out of 180, the least that it accepts
)
train_dataloader = dict(
    batch_size=total_batch_size,
    num_workers=8,
    dataset=dict(
        clip_sampler=dict(num_frames=4, max_gap=33, max_objects=1, reverse_prob=0),
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipResize', short_side=480),
            dict(type='ClipRandomFlip', prob=0.5),
            dict(
                type='ClipRandomAffine',
                together=0,
                jitter=1,
                degrees=15,
                scale=(0.82, 1.22),
                shear=0,
                shift=0,
            ),
            dict(type='ClipRandomCrop', size=(480, 832)),
            dict(type='PerFrame', transforms=[brightness], same_for_clip=False),
            dict(type='PerFrame', transforms=[{{_base_.grey_clips}}]),
            dict(type='StartMasks'),
            dict(type='PackClip'),
        ],
    ),
)
