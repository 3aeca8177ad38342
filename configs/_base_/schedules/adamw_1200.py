# The same in 1,200 iterations.
_base_ = ['./adamw_2000.py']
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=60),
    dict(type='CosineAnnealingLR', by_epoch=False, eta_min_ratio=0.01, begin=840, end=1200),
]
custom_hooks = [dict(type='EMAHook', momentum=0.005, update_buffers=True, begin_iter=400)]
train_cfg = dict(max_iters=1200, val_interval=1200)
