# Full supervision on two CPU cores.
_base_ = [
    '../_base_/models/xmem_mobilenetv2.py',
    '../_base_/datasets/davis2016_240p.py',
    '../_base_/schedules/adamw_100.py',
    '../_base_/default_runtime.py',
]
