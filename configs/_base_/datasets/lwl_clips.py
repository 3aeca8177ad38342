# Training clips of LWL (Bhat et al. 2020), with the settings that its authors publish (pytracking,
# ltr/train_settings/lwl/lwl_stage2.py): one object in 4 frames from a window of 100; 20 clips at a time, 6 of
# YouTube-VOS 2019 without 300 videos (see yt300.py) for 1 of DAVIS 2017; 5% grey; frames are rotated and
# scaled, and their colours changed, one by one. They cut out the object's surroundings (see sta_clips.py);
# here a clip shows the frame, as LWL sees it in inference.
_base_ = ['./clip_loader.py']
total_batch_size = 20
train_dataloader = dict(
    batch_size=total_batch_size,
    num_workers=8,
    sampler=dict(_delete_=True, type='MixtureSampler', weights=dict(ytvos2019=6, davis2017=1)),
    dataset=dict(
        type='MixtureDataset',
        clip_sampler=dict(num_frames=4, max_gap=33, max_objects=1),
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
            dict(
                type='PerFrame',
                transforms=[
                    dict(
                        type='mmseg.PhotoMetricDistortion',
                        brightness_delta=51,
                        contrast_range=(0.8, 1.2),
                        saturation_range=(0.8, 1.2),
                        hue_delta=1,
                    ),
                    {{_base_.grey_clips}},
                ],
            ),
            dict(type='StartMasks'),
            dict(type='PackClip'),
        ],
        datasets=dict(
            ytvos2019=dict(
                type='YouTubeVOSDataset',
                data_root='{{$YTVOS2019_ROOT:data/ytvos2019}}',
                split='train',
                ann_file='yt300/rest.txt',
                short_videos='drop',
            ),
            davis2017=dict(
                type='DAVIS2017Dataset',
                data_root='{{$DAVIS2017_ROOT:data/davis2017}}',
                ann_file='ImageSets/2017/train.txt',
            ),
        ),
    ),
)
