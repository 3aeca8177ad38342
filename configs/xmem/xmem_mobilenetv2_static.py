# Stage 0 on two CPU cores: masks of single frames, of DAVIS 2016 and of generated videos.
_base_ = [
    '../_base_/models/xmem_mobilenetv2.py',
    '../_base_/datasets/stills_small.py',
    '../_base_/schedules/adamw_500.py',
    '../_base_/default_runtime.py',
]
train_cfg = dict(max_iters=600, val_interval=600)
