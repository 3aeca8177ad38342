# YouTube-VOS 2018's 3,471 training videos; dataset=dict(ann_dir=...) selects other labels. Combine with a
# test dataset.
_base_ = ['./video_clips_384.py']
train_dataloader = dict(
    dataset=dict(type='YouTubeVOSDataset', data_root='{{$YTVOS2018_ROOT:data/ytvos2018}}', split='train')
)
# For custom_hooks; Oh et al. 2019, Sec. 3.5: consecutive frames at first, up to 25 skipped frames at the end.
# The steps are ours; so is counting annotated frames, every 5th source frame.
clip_gap_hook = dict(
    type='ClipGapHook', gaps=[(0, 5), (1 / 6, 30), (2 / 6, 55), (3 / 6, 80), (4 / 6, 105), (5 / 6, 130)]
)
