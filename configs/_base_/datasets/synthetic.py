# SyntheticVOS, generated on the fly. The splits use disjoint seeds, so they share no video.
_base_ = ['./video_loaders.py']
train_dataloader = dict(
    dataset=dict(
        type='SyntheticVOS',
        num_videos=5000,
        num_frames=24,
        size=(128, 192),
        seed=0,
        clip_sampler=dict(num_frames=3, max_gap=4),
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipRandomCrop', size=(128, 128)),
            dict(type='ClipRandomFlip', prob=0.5),
            dict(type='StartMasks'),
            dict(type='PackClip'),
        ],
    ),
)
test_dataloader = dict(
    dataset=dict(
        type='SyntheticVOS', num_videos=12, num_frames=24, size=(128, 192), seed=1_000_000, test_mode=True
    ),
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol='davis2017')
val_evaluator = test_evaluator
