# Training videos of Bhat et al. 2020 and Zhao et al. 2021: YouTube-VOS 2019 without 300 videos (see yt300.py)
# and DAVIS 2017, sampled 6:1.
_base_ = ['./clip_loader.py']
train_dataloader = dict(
    sampler=dict(_delete_=True, type='MixtureSampler', weights=dict(ytvos2019=6, davis2017=1)),
    dataset=dict(
        type='MixtureDataset',
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
