# VOT2020's short-term challenge, 60 sequences: one run from each anchor, starting from its mask.
_base_ = ['./video_loader.py']
test_dataloader = dict(
    dataset=dict(type='VOT2020Dataset', data_root='{{$VOT2020_ROOT:data/vot2020}}', test_mode=True)
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol='vot2020')
val_evaluator = test_evaluator
