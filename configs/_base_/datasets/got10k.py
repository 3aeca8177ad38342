# GOT-10k validation, 180 sequences, from the first box. For the test set data_root ends in test, and only
# tools/test.py --out and tools/make_submission.py got10k have a use for it: its boxes are on a server.
_base_ = ['./video_loader.py']
test_dataloader = dict(
    dataset=dict(
        type='GOT10kDataset',
        data_root='{{$GOT10K_ROOT:data/got10k}}/val',
        test_mode=True,
    )
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol='got10k')
val_evaluator = test_evaluator
