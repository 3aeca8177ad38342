_base_ = [
    '../_base_/models/stm_mobilenetv2.py',
    '../_base_/datasets/davis2016_240p.py',
    '../_base_/schedules/adamw_500.py',
    '../_base_/default_runtime.py',
]
