# Clips of four frames for small networks: pseudo-videos of COCO images and short clips of DAVIS 2016's
# sequences, with the objects of masktrack_small.py.
_base_ = ['./masktrack_small.py']
motion = dict(type='ClipRandomAffine', jitter=1, degrees=15, scale=(0.8, 1.25), shear=10, shift=0.1)
steps = _base_.clips_240p
train_dataloader = dict(
    batch_size=2,
    dataset=dict(
        clip_sampler=dict(num_frames=4, max_gap=4),
        pipeline=steps,
        datasets=dict(coco=dict(pipeline=[*steps[:2], motion, *steps[2:]])),  # LoadClip, ClipResize
    ),
)
