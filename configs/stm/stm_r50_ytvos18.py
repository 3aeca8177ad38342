# Voigtlaender et al. 2021, Table 3, "Fully-Supervised (ours)".
_base_ = [
    '../_base_/models/stm_r50.py',
    '../_base_/datasets/ytvos2018_clips.py',
    '../_base_/datasets/davis2017.py',
    '../_base_/schedules/adam_1e-5.py',
    '../_base_/long_runtime.py',
]
load_from = 'work_dirs/stm_r50_static/iter_300000.pth'
custom_hooks = [{{_base_.clip_gap_hook}}]
