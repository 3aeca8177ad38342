# LWL with the fixed backbone of Mask R-CNN (Bhat et al. 2020).
_base_ = [
    '../_base_/models/lwl_r50.py',
    '../_base_/datasets/lwl_clips.py',
    '../_base_/datasets/yt300.py',
    '../_base_/schedules/lwl_stage1.py',
    '../_base_/long_runtime.py',
]
