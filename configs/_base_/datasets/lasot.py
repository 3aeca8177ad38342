# LaSOT, from the first box; ann_file=testing_set.txt selects the 280 test sequences.
_base_ = ['./video_loader.py']
test_dataloader = dict(
    dataset=dict(
        type='LaSOTDataset',
        data_root='{{$LASOT_ROOT:data/lasot}}',
        ann_file='testing_set.txt',
        test_mode=True,
    )
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol='lasot')
val_evaluator = test_evaluator
