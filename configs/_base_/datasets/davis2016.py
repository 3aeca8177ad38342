# DAVIS 2016 validation at 480p, all sequences of its list.
_base_ = ['./video_loader.py']
davis2016_root = '{{$DAVIS2016_ROOT:data/davis2016}}'
test_dataloader = dict(
    dataset=dict(
        type='DAVIS2016Dataset',
        data_root=davis2016_root,
        ann_file='ImageSets/480p/val.txt',
        resolution='480p',
        test_mode=True,
    ),
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol='davis2016')
val_evaluator = test_evaluator
