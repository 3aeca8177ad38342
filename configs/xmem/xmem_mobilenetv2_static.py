# Stage 0 on two CPU cores: masks of single frames and of generated clips.
_base_ = [
    '../_base_/models/xmem_mobilenetv2.py',
    '../_base_/datasets/stills_small.py',
    '../_base_/schedules/adamw_300.py',
    '../_base_/default_runtime.py',
]
