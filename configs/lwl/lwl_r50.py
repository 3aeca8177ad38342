# LWL with all weights trained (Bhat et al. 2020) except the backbone's first convolution and level. The
# baseline of Zhao et al. 2021, Tables 5 to 7.
_base_ = [
    '../_base_/models/lwl_r50.py',
    '../_base_/datasets/lwl_clips.py',
    '../_base_/datasets/yt300.py',
    '../_base_/schedules/lwl_stage2.py',
    '../_base_/long_runtime.py',
]
model = dict(backbone=dict(frozen_stages=1))
load_from = 'work_dirs/lwl_r50_stage1/iter_70000.pth'
