# A method of this project, trained with its transform and tested with its metric, protocol and hook.
_base_ = ['./stm_plain_squares.py']
model = dict(
    _delete_=True,
    type='PreviousMask',
    backbone=dict(type='PlainBackbone', channels=(16, 32)),
    in_channels=32,
    channels=32,
    decode_head=dict(
        type='UpsamplingDecodeHead',
        in_channels=32,
        channels=(16, 16, 16),
        kernel_size=3,
        feature_channels=(16,),
        loss_mask=[dict(type='mmseg.CrossEntropyLoss', avg_non_ignore=True)],
        loss_object=[dict(type='TverskyLoss')],
    ),
)
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipRandomCrop', size=(128, 128)),
            dict(type='ClipRandomRotate90'),
            dict(type='StartMasks'),
            dict(type='PackClip'),
        ]
    )
)
train_cfg = dict(max_iters=200, val_interval=200)
test_evaluator = [dict(type='VOSMetric', protocol='survival'), dict(type='TemporalIoUMetric')]
val_evaluator = test_evaluator
custom_hooks = [dict(type='ObjectAreaHook', out_dir='work_dirs/previous_mask_squares/object_areas')]
