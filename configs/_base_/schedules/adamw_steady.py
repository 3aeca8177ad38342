# A constant learning rate that falls at the end; the result is a moving average of the weights.
optim_wrapper = dict(
    type='BFloat16OptimWrapper',
    optimizer=dict(type='AdamW', lr=3e-4, weight_decay=0.01),
    clip_grad=dict(max_norm=5.0),
    paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.3)}),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=100),
    dict(type='CosineAnnealingLR', by_epoch=False, eta_min_ratio=0.01, begin=3600, end=4400),
]
train_cfg = dict(type='VideoTrainLoop', max_iters=4400, val_interval=4400)
custom_hooks = [dict(type='EMAHook', momentum=0.002, update_buffers=True)]
