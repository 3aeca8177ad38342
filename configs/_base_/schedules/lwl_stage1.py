# LWL with a fixed backbone, as its authors publish it (pytracking, ltr/train_settings/lwl/lwl_stage1.py).
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='Adam', lr=1e-4),
    paramwise_cfg=dict(custom_keys=dict(key_projection=dict(lr_mult=0.2), value_encoder=dict(lr_mult=2.0))),
)
param_scheduler = [dict(type='MultiStepLR', by_epoch=False, milestones=[40_000], gamma=0.2)]
train_cfg = dict(type='VideoTrainLoop', max_iters=70_000, val_interval=70_000)
