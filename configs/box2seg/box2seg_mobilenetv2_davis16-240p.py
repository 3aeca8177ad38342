# Small: trained in half an hour on a CPU, on the masks of part A of DAVIS 2016's training sequences.
_base_ = [
    '../_base_/models/box2seg_mobilenetv2.py',
    '../_base_/datasets/box_crops_240p.py',
    '../_base_/schedules/adamw_500.py',
    '../_base_/default_runtime.py',
]
model = dict(crop={{_base_.box_crop}})
train_cfg = dict(max_iters=1000)
