# Three frames of DAVIS 2016's training sequences at 240p, cropped around the object in each: part A (every
# other sequence) is for training, part B for testing. As in Zhao et al. 2021, Sec. 3.4, but from a shorter
# window, since these videos are short, and with colour and shape augmentation, since they are few.
_base_ = ['./clip_loader.py']
sta_crop = dict(size=(160, 288), factor=5)
train_dataloader = dict(
    batch_size=4,
    dataset=dict(
        type='DAVIS2016Dataset',
        data_root='{{$DAVIS2016_ROOT:data/davis2016}}',
        resolution='240p',
        ann_file='{{ fileDirname }}/davis2016_part_a.txt',
        clip_sampler=dict(num_frames=3, max_gap=15, max_objects=1),
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipRandomFlip', prob=0.5),
            dict(type='ClipRandomAffine', degrees=10, scale=(0.8, 1.25), shear=5, shift=0.05, jitter=0.2),
            dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')]),
            dict(type='PackBoxClip', **sta_crop),
        ],
    ),
)
