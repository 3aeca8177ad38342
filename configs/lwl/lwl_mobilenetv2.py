# A small LWL for CPUs, trained on the masks of DAVIS 2016's training videos at 240p: Zhao et al. 2021, Table
# 4, "FS", at small scale.
_base_ = [
    '../_base_/models/lwl_mobilenetv2.py',
    '../_base_/datasets/davis2016_240p.py',
    '../_base_/schedules/lwl_small.py',
    '../_base_/default_runtime.py',
]
