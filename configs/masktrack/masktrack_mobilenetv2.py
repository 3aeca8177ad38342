# A small MaskTrack: objects of COCO images and of DAVIS 2016's training sequences at 240p.
_base_ = [
    '../_base_/models/masktrack_mobilenetv2_online.py',
    '../_base_/datasets/masktrack_small.py',
    '../_base_/datasets/davis2016_seven.py',
    '../_base_/schedules/adamw_2000.py',
    '../_base_/default_runtime.py',
]
train_dataloader = dict(dataset=dict(pipeline={{_base_.sample_steps}}))
