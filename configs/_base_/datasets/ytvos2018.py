# YouTube-VOS 2018 validation, 474 videos at 30 fps (as XMem's published code tests). The ground truth is on
# the server: nothing is scored here; write masks with tools/test.py --out and pack them with
# tools/make_submission.py ytvos2018.
_base_ = ['./video_loader.py']
test_dataloader = dict(
    dataset=dict(
        type='YouTubeVOSDataset',
        data_root='{{$YTVOS2018_ROOT:data/ytvos2018}}',
        split='valid',
        all_frames=True,
        test_mode=True,
    )
)
val_dataloader = test_dataloader
test_evaluator = []
val_evaluator = []
