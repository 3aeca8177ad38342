# GOT-10k validation, 180 sequences, from the first box. For the test set, data_root ends in test; its boxes
# are on a server, so it works only with tools/test.py --out and tools/make_submission.py got10k.
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
