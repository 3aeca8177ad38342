# Stage 3 alone: the main training from ImageNet weights.
_base_ = [
    '../_base_/models/xmem_r50-r18.py',
    '../_base_/datasets/ytvos2018_davis16_crops.py',
    '../_base_/datasets/davis2017.py',
    '../_base_/losses/xmem_mask.py',
    '../_base_/schedules/xmem_main.py',
    '../_base_/long_runtime.py',
]
custom_hooks = [{{_base_.clip_gap_hook}}, {{_base_.hardest_pixels}}]
