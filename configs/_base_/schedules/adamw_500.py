# 500 iterations, about 15 minutes on two CPU cores; schedules scale with train_cfg.max_iters.
optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='AdamW', lr=2e-4, weight_decay=0.01),
    clip_grad=dict(max_norm=5.0),
    # lower learning rate for pretrained layers; the value encoder's backbone trains from scratch
    paramwise_cfg=dict(
        custom_keys={'backbone': dict(lr_mult=0.3), 'value_encoder.backbone': dict(lr_mult=1.0)}
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=30),
    dict(type='CosineAnnealingLR', by_epoch=False, eta_min=3e-6),
]
train_cfg = dict(type='VideoTrainLoop', max_iters=500, val_interval=500)
