_base_ = [
    '../_base_/models/stm_mobilenetv2.py',
    '../_base_/datasets/video_folder.py',
    '../_base_/schedules/adamw_500.py',
    '../_base_/default_runtime.py',
]
