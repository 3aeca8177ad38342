# Your own videos below MY_VIDEOS_ROOT: frames/<video>/*.jpg (or frames/<video>.mp4), and <video>/<frame>.png
# in MY_VIDEOS_MASKS, relative to it; train.txt and val.txt there list the videos of the two splits.
_base_ = ['./clip_loader.py', './video_loader.py']
data_root = '{{$MY_VIDEOS_ROOT:my_data}}'
ann_dir = '{{$MY_VIDEOS_MASKS:masks}}'
train_dataloader = dict(
    dataset=dict(
        type='VideoFolderDataset',
        data_root=data_root,
        ann_dir=ann_dir,
        ann_file='train.txt',
        clip_sampler=dict(num_frames=3, max_gap=10),
        pipeline={{_base_.clips_240p}},
    )
)
test_dataloader = dict(
    dataset=dict(
        type='VideoFolderDataset', data_root=data_root, ann_dir=ann_dir, ann_file='val.txt', test_mode=True
    )
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol='davis2017')
val_evaluator = test_evaluator
