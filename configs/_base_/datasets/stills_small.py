# Pseudo-videos for small networks at 240p: single frames of generated videos and of DAVIS 2016's training
# sequences, each deformed three times as in static_images.py.
_base_ = ['./clip_loader.py', './davis2016_seven.py']
train_dataloader = dict(
    sampler=dict(_delete_=True, type='MixtureSampler', weights=dict(synthetic=1, davis2016=1)),
    dataset=dict(
        type='MixtureDataset',
        clip_sampler=dict(num_frames=3, rule='still'),
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipRandomFlip', prob=0.5),
            dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')]),
            dict(
                type='ClipRandomAffine',
                together=0,
                jitter=1,
                degrees=20,
                scale=(0.8, 1.25),
                shear=10,
                shift=0.1,
            ),
            dict(type='ClipRandomCrop', size=(240, 240)),
            dict(type='StartMasks'),
            dict(type='PackClip'),
        ],
        datasets=dict(
            synthetic=dict(type='SyntheticVOS', num_videos=100_000, num_frames=24, size=(240, 360)),
            davis2016=dict(
                type='DAVIS2016Dataset',
                data_root={{_base_.davis2016_root}},
                ann_file='ImageSets/480p/train.txt',
                resolution='240p',
            ),
        ),
    ),
)
