# The demo: boxes only, from nothing, in minutes on two CPU cores.
_base_ = [
    '../_base_/models/stm_tiny.py',
    '../_base_/datasets/synthetic.py',
    '../_base_/schedules/adamw_500.py',
    '../_base_/default_runtime.py',
]
model = dict(initializer=dict(type='FilledBoxInitializer', refine=True))
train_dataloader = dict(dataset=dict(supervision='box'))
max_iters = 700
optim_wrapper = dict(optimizer=dict(lr=1e-3), paramwise_cfg=None)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.05, by_epoch=False, begin=0, end=30),
    dict(
        type='CosineAnnealingLR', by_epoch=False, begin=30, end=max_iters, T_max=max_iters - 30, eta_min=1e-5
    ),
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
