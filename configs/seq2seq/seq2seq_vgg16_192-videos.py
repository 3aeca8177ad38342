# Sec. 5.3, setting 2: 192 videos. JumpCut's folders are not documented: arrange it as SegTrack v2.
_base_ = ['./seq2seq_vgg16_davis16.py']
clips = _base_.train_dataloader.dataset
train_dataloader = dict(
    # videos in each
    sampler=dict(
        _delete_=True,
        type='MixtureSampler',
        weights=dict(davis2016=30, segtrack_v2=14, jumpcut=22, youtube_objects=126),
    ),
    dataset=dict(
        _delete_=True,
        type='MixtureDataset',
        clip_sampler=clips.clip_sampler,
        short_videos=clips.short_videos,
        pipeline=clips.pipeline,
        datasets=dict(
            davis2016={{_base_.davis2016_train}},
            segtrack_v2=dict(type='SegTrackV2Dataset', data_root='{{$SEGTRACK_V2_ROOT:data/segtrack_v2}}'),
            jumpcut=dict(type='SegTrackV2Dataset', data_root='{{$JUMPCUT_ROOT:data/jumpcut}}'),
            youtube_objects=dict(
                type='YouTubeObjectsDataset', data_root='{{$YOUTUBE_OBJECTS_ROOT:data/youtube_objects}}'
            ),
        ),
    ),
)
