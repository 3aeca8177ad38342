# Long-time Video (Liang et al. 2020), three videos with more than 7,000 frames in total.
_base_ = ['./video_loader.py']
test_dataloader = dict(
    dataset=dict(
        type='LongVideoDataset',
        data_root='{{$LONG_VIDEO_ROOT:data/long_video}}',
        repeats=1,
        test_mode=True,
    )
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol='long_video')
val_evaluator = test_evaluator
