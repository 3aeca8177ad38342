# Perazzi et al. 2017, Table 1, "Training on video": the annotated frames of SegTrack v2 and YouTube-Objects.
# A video and then a frame of it are drawn at random. The child config adds the pipeline.
_base_ = ['./clip_loader.py']
total_batch_size = 10  # Sec. 4
train_dataloader = dict(
    batch_size=total_batch_size,
    num_workers=4,
    # annotated frames in each: Sec. 5.1; every tenth of more than 20,000
    sampler=dict(_delete_=True, type='MixtureSampler', weights=dict(segtrack_v2=947, youtube_objects=2000)),
    dataset=dict(
        type='MixtureDataset',
        clip_sampler=dict(num_frames=1, max_objects=1),
        datasets=dict(
            segtrack_v2=dict(type='SegTrackV2Dataset', data_root='{{$SEGTRACK_V2_ROOT:data/segtrack_v2}}'),
            youtube_objects=dict(
                type='YouTubeObjectsDataset', data_root='{{$YOUTUBE_OBJECTS_ROOT:data/youtube_objects}}'
            ),
        ),
    ),
)
