# adamw_steady.py with 2,000 iterations; an average from the first one on would keep too much of the initial
# statistics.
_base_ = ['./adamw_steady.py']
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=100),
    dict(type='CosineAnnealingLR', by_epoch=False, eta_min_ratio=0.01, begin=1400, end=2000),
]
custom_hooks = [dict(type='EMAHook', momentum=0.002, update_buffers=True, begin_iter=500)]
train_cfg = dict(max_iters=2000, val_interval=2000)
