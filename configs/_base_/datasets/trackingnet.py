# TrackingNet's test set, 511 sequences, from the first box; the other boxes are on a server: write masks with
# tools/test.py --out and pack them with tools/make_submission.py trackingnet.
_base_ = ['./video_loader.py']
test_dataloader = dict(
    dataset=dict(
        type='TrackingNetDataset',
        data_root='{{$TRACKINGNET_ROOT:data/trackingnet}}/TEST',
        test_mode=True,
    )
)
val_dataloader = test_dataloader
test_evaluator = []
val_evaluator = test_evaluator
