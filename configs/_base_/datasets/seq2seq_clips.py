# Training clips of Xu et al. 2018, Sec. 4.3: an object and 5 to 11 frames of a video, at 256x448. At most 5
# source frames lie between two of them, and a batch has 4 clips: the paper states neither. Child configs add
# the videos.
_base_ = ['./clip_loader.py']
total_batch_size = 4
train_dataloader = dict(
    batch_size=total_batch_size,
    num_workers=4,
    dataset=dict(
        clip_sampler=dict(num_frames=(5, 11), max_gap=5, max_objects=1, reverse_prob=0),
        short_videos='drop',
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipResize', size=(256, 448)),
            dict(type='StartMasks'),
            dict(type='PackClip'),
        ],
    ),
)
