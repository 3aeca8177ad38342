# 300 iterations, minutes on two CPU cores.
_base_ = ['./adamw_500.py']
max_iters = 300
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=30),
    dict(
        type='CosineAnnealingLR', by_epoch=False, begin=30, end=max_iters, T_max=max_iters - 30, eta_min=3e-6
    ),
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
