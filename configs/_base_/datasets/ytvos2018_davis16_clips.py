# Training clips of Skogh 2024, Sec. 4.3. Combine with a test dataset; supervision='box' uses only boxes.
_base_ = ['./clip_loader.py']
# XMem's published code has ColorJitter(0.1, 0.03, 0.03, 0). mmseg's transform is the closest: it adds
# brightness, applies each change with probability 0.5, and cannot leave the hue unchanged.
clip_colours = dict(
    type='PerFrame',
    transforms=[
        dict(
            type='mmseg.PhotoMetricDistortion',
            brightness_delta=26,
            contrast_range=(0.97, 1.03),
            saturation_range=(0.97, 1.03),
            hue_delta=1,
        ),
        {{_base_.grey_clips}},
    ],
)
# XMem's published code: each frame independently. Sec. 3.2.1 relies on this rotation, which turns the gaps of
# occluded objects away from the axes.
frame_deformation = dict(
    type='ClipRandomAffine', together=0, jitter=1, degrees=15, scale=(1, 1), shear=10, shift=0
)
train_pipeline = [
    dict(type='LoadClip'),
    dict(type='ClipResize', size=(384, 384)),  # Sec. 4.3: 384x384 and, unlike XMem, no random crop
    dict(type='ClipRandomFlip', prob=0.5),
    clip_colours,
    frame_deformation,
    dict(type='StartMasks'),
    dict(type='PackClip'),
]
total_batch_size = 8  # Sec. 4.3
train_dataloader = dict(
    batch_size=total_batch_size,
    num_workers=8,
    # Sec. 4.3: 8% DAVIS 2016, 92% YouTube-VOS 2018
    sampler=dict(_delete_=True, type='MixtureSampler', weights=dict(ytvos2018=92, davis2016=8)),
    dataset=dict(
        type='MixtureDataset',
        # Sec. 4.3: 8 frames; the rest: XMem's published code
        clip_sampler=dict(num_frames=8, max_gap=5, max_objects=3, rule='near'),
        short_videos='drop',
        pipeline=train_pipeline,
        datasets=dict(
            ytvos2018=dict(
                type='YouTubeVOSDataset', data_root='{{$YTVOS2018_ROOT:data/ytvos2018}}', split='train'
            ),
            davis2016=dict(
                type='DAVIS2016Dataset',
                data_root='{{$DAVIS2016_ROOT:data/davis2016}}',
                ann_file='ImageSets/480p/train.txt',
            ),
        ),
    ),
)
# For custom_hooks; XMem's published code: at most 5 frames apart, 10 from 10% of the training on, 15 from
# 30%, 5 again from 90%.
clip_gap_hook = dict(type='ClipGapHook', gaps=[(0, 5), (0.1, 10), (0.3, 15), (0.9, 5)])
