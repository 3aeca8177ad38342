# Zhao et al. 2021, Table 4, "MIL", at small scale.
_base_ = [
    '../_base_/models/stm_mobilenetv2.py',
    '../_base_/datasets/davis2016_ab_240p.py',
    '../_base_/schedules/adamw_500.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(loss_box=[{{_base_.tightness}}]))
