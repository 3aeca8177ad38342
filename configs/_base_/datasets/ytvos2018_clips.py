# YouTube-VOS 2018's 3,471 training videos, with other labels by dataset=dict(ann_dir=...). Combine with a
# test dataset.
_base_ = ['./video_clips_384.py']
train_dataloader = dict(
    dataset=dict(type='YouTubeVOSDataset', data_root='{{$YTVOS2018_ROOT:data/ytvos2018}}', split='train')
)
# For custom_hooks; Oh et al. 2019, Sec. 3.5: neighbours that follow each other at first, with up to 25 frames
# skipped between them in the end. The steps are ours; so is counting annotated frames, every 5th of the
# recording.
clip_gap_hook = dict(
    type='ClipGapHook', gaps=[(0, 5), (1 / 6, 30), (2 / 6, 55), (3 / 6, 80), (4 / 6, 105), (5 / 6, 130)]
)
