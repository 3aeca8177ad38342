# SegTrack v2, 14 sequences with 24 objects: "each specific instance segmentation is treated as separate
# problem" (Perazzi et al. 2017, Sec. 5.1). All objects of a sequence at once:
# --cfg-options test_dataloader.dataset.separate_objects=False
_base_ = ['./video_loader.py']
test_dataloader = dict(
    dataset=dict(
        type='SegTrackV2Dataset',
        data_root='{{$SEGTRACK_V2_ROOT:data/segtrack_v2}}',
        separate_objects=True,
        test_mode=True,
    )
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol='segtrack_v2')
val_evaluator = test_evaluator
