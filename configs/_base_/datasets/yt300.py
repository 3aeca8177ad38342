# YT300: 300 of YouTube-VOS 2019's training videos, drawn at random and left out of training (Zhao et al.
# 2021, Sec. 4.1). The paper's list is not in its text; here it comes from
#     python tools/dataset_converters/split_videos.py ROOT/train/meta.json ROOT/yt300 --parts yt300=300
_base_ = ['./video_loader.py']
test_dataloader = dict(
    dataset=dict(
        type='YouTubeVOSDataset',
        data_root='{{$YTVOS2019_ROOT:data/ytvos2019}}',
        split='train',
        ann_file='yt300/yt300.txt',
        test_mode=True,
    )
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol='ytvos2019')
val_evaluator = test_evaluator
