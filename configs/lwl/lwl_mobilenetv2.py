# A small LWL for CPUs, trained on DAVIS 2016's training videos at 240p.
_base_ = [
    '../_base_/models/lwl_mobilenetv2.py',
    '../_base_/datasets/davis2016_240p.py',
    '../_base_/schedules/adamw_500.py',
    '../_base_/default_runtime.py',
]
optim_wrapper = dict(
    optimizer=dict(lr=1e-3), paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.05)})
)
