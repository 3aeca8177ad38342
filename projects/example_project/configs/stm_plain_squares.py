# A shipped network and schedule with this project's backbone, loss and dataset.
_base_ = ['../../../configs/stm/stm_tiny_synthetic-box.py']
custom_imports = dict(imports=['example_project'], allow_failed_imports=False)
model = dict(
    backbone=dict(_delete_=True, type='PlainBackbone', channels=(16, 32, 64)),
    decode_head=dict(loss_mask=[dict(type='GeneralisedCrossEntropyLoss', q=0.7)]),
)
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='MovingSquares',
        supervision='mask',
        clip_sampler=dict(num_frames=3, max_gap=4),
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipRandomCrop', size=(128, 128)),
            dict(type='ClipRandomFlip', prob=0.5),
            dict(type='StartMasks'),
            dict(type='PackClip'),
        ],
    )
)
test_dataloader = dict(
    dataset=dict(_delete_=True, type='MovingSquares', num_videos=4, seed=1_000_000, test_mode=True)
)
val_dataloader = test_dataloader
