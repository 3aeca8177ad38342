# Training clips of Zhao et al. 2021, Sec. 3.4: three frames from a window of 100, cropped around the object
# in each; 6 of YouTube-VOS 2019 without YT300 (see yt300.py) for 1 of DAVIS 2017.
_base_ = ['./clip_loader.py']
sta_crop = dict(size=(480, 832), factor=5)
total_batch_size = 4
train_dataloader = dict(
    batch_size=total_batch_size,
    num_workers=8,
    sampler=dict(_delete_=True, type='MixtureSampler', weights=dict(ytvos2019=6, davis2017=1)),
    dataset=dict(
        type='MixtureDataset',
        clip_sampler=dict(num_frames=3, max_gap=50, max_objects=1),
        short_videos='drop',
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipRandomFlip', prob=0.5),
            dict(type='PackBoxClip', **sta_crop),
        ],
        datasets=dict(
            ytvos2019=dict(
                type='YouTubeVOSDataset',
                data_root='{{$YTVOS2019_ROOT:data/ytvos2019}}',
                split='train',
                ann_file='yt300/rest.txt',
            ),
            davis2017=dict(
                type='DAVIS2017Dataset',
                data_root='{{$DAVIS2017_ROOT:data/davis2017}}',
                ann_file='ImageSets/2017/train.txt',
            ),
        ),
    ),
)
