# Training clips of Zhao et al. 2021, Sec. 3.4: three frames from a window of 100, cropped around the object
# in each.
_base_ = ['./ytvos2019_davis17.py']
sta_crop = dict(size=(480, 832), factor=5)
total_batch_size = 4
train_dataloader = dict(
    batch_size=total_batch_size,
    num_workers=8,
    dataset=dict(
        clip_sampler=dict(num_frames=3, max_gap=50, max_objects=1),
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipRandomFlip', prob=0.5),
            dict(type='PackBoxClip', **sta_crop),
        ],
    ),
)
