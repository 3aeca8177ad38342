# Training and testing on YouTube-VOS 2018's public training videos, split by the rule of its paper (Xu et al.
# 2018, Sec. 5.1): the masks of the paper's own test set were on a server that is closed. The lists come from
#     python tools/dataset_converters/split_youtube_vos.py ROOT/train/meta.json ROOT/split
# Of the paper's ten unseen categories only penguin and snail are among the 65 public ones; the tool draws the
# others, with seed 0.
_base_ = ['./video_loader.py']
ytvos2018_root = '{{$YTVOS2018_ROOT:data/ytvos2018}}'
unseen_categories = [
    'knife',
    'lizard',
    'motorbike',
    'penguin',
    'rabbit',
    'shark',
    'skateboard',
    'snail',
    'snowboard',
    'zebra',
]
train_videos = dict(
    type='YouTubeVOSDataset', data_root=ytvos2018_root, split='train', ann_file='split/train.txt'
)
test_dataloader = dict(
    dataset=dict(
        type='YouTubeVOSDataset',
        data_root=ytvos2018_root,
        split='train',
        ann_file='split/test.txt',
        test_mode=True,
    )
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol=dict(type='ytvos2018', unseen_categories=unseen_categories))
val_evaluator = test_evaluator
