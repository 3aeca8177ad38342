# Clips of three frames for small networks, cropped around the object in each: 25 of DAVIS 2016's training
# sequences at 240p, and COCO images, moved in every frame. Crops are tighter than those of Zhao et al. 2021,
# since objects in images are small.
_base_ = ['./masktrack_small.py']
sta_crop = dict(size=(192, 224), factor=2.5)
motion = dict(type='ClipRandomAffine', jitter=1, degrees=10, scale=(0.8, 1.25), shear=10, shift=0.1)
slow_motion = dict(motion, jitter=0.2, shear=5, shift=0.05)
load = [dict(type='LoadClip'), dict(type='ClipRandomFlip', prob=0.5)]
pack = [
    dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')]),
    dict(type='PackBoxClip', **sta_crop),
]
train_dataloader = dict(
    batch_size=4,
    dataset=dict(
        clip_sampler=dict(num_frames=3, max_gap=15, max_objects=1),
        datasets=dict(
            coco=dict(pipeline=[*load, motion, *pack]),
            davis2016=dict(pipeline=[*load, slow_motion, *pack]),
        ),
    ),
)
