# adamw_steady.py with 6,500 iterations.
_base_ = ['./adamw_steady.py']
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=100),
    dict(type='CosineAnnealingLR', by_epoch=False, eta_min_ratio=0.01, begin=5000, end=6500),
]
train_cfg = dict(max_iters=6500, val_interval=6500)
