# Zhao et al. 2021, Table 4, "FS": 79.8 J on YT300. The schedule of stage 1, longer; its milestone is scaled.
_base_ = [
    '../_base_/models/lwl_r50.py',
    '../_base_/datasets/ytvos2019_ab_clips.py',
    '../_base_/datasets/yt300.py',
    '../_base_/schedules/lwl_stage1.py',
    '../_base_/long_runtime.py',
]
train_dataloader = dict(dataset=dict(datasets=dict(boxes=dict(supervision='mask'))))
param_scheduler = [dict(type='MultiStepLR', by_epoch=False, milestones=[57_000], gamma=0.2)]
train_cfg = dict(max_iters=100_000, val_interval=100_000)
