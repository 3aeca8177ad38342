# MultiFrameIterative, as in the paper: 85.6 J on YT300, 81.2 on DAVIS 2017.
_base_ = [
    '../_base_/models/sta_r50.py',
    '../_base_/datasets/sta_clips.py',
    '../_base_/schedules/sta.py',
    '../_base_/long_runtime.py',
]
model = dict(crop={{_base_.sta_crop}})
