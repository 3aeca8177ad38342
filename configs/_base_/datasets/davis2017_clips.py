# DAVIS 2017's 60 training videos. Combine with a test dataset.
_base_ = ['./video_clips_384.py']
train_dataloader = dict(
    dataset=dict(
        type='DAVIS2017Dataset',
        data_root='{{$DAVIS2017_ROOT:data/davis2017}}',
        ann_file='ImageSets/2017/train.txt',
    )
)
# For custom_hooks; Oh et al. 2019, Sec. 3.5: consecutive frames at first, up to 25 skipped frames at the end.
# The steps are ours.
clip_gap_hook = dict(
    type='ClipGapHook', gaps=[(0, 1), (1 / 6, 6), (2 / 6, 11), (3 / 6, 16), (4 / 6, 21), (5 / 6, 26)]
)
