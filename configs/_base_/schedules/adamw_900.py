# The same in 900 iterations.
_base_ = ['./adamw_2000.py']
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=60),
    dict(type='CosineAnnealingLR', by_epoch=False, eta_min_ratio=0.01, begin=600, end=900),
]
custom_hooks = [dict(type='EMAHook', momentum=0.005, update_buffers=True, begin_iter=300)]
train_cfg = dict(max_iters=900, val_interval=900)
