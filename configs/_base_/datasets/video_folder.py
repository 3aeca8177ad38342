# Your own videos: frames/<video>/*.jpg (or frames/<video>.mp4) and masks/<video>/<frame>.png below data_root;
# train.txt and val.txt there list the videos of the two splits, one per line.
_base_ = ['./davis2016_240p.py']
data_root = 'my_data'
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='VideoFolderDataset',
        data_root=data_root,
        ann_file='train.txt',
        clip_sampler=dict(num_frames=3, max_gap=10),
        pipeline={{_base_.clips_240p}},
    )
)
test_dataloader = dict(
    dataset=dict(
        _delete_=True, type='VideoFolderDataset', data_root=data_root, ann_file='val.txt', test_mode=True
    )
)
val_dataloader = test_dataloader
test_evaluator = dict(protocol='davis2017')
val_evaluator = test_evaluator
