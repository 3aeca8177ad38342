# DAVIS 2017 validation, 30 sequences at 480p.
_base_ = ['./video_loader.py']
test_dataloader = dict(
    dataset=dict(
        type='DAVIS2017Dataset',
        data_root='{{$DAVIS2017_ROOT:data/davis2017}}',
        ann_file='ImageSets/2017/val.txt',
        test_mode=True,
    )
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol='davis2017')
val_evaluator = test_evaluator
