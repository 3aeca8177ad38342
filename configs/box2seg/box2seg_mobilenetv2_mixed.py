# Trained in one stage from ImageNet weights, with pairs of objects and without five training sequences of
# DAVIS 2016; inference settings are chosen with it.
_base_ = [
    '../_base_/models/box2seg_mobilenetv2_flip.py',
    '../_base_/datasets/box_crops_pairs.py',
    '../_base_/schedules/adamw_6500.py',
    '../_base_/default_runtime.py',
]
model = dict(crop={{_base_.box_crop}})
default_hooks = dict(checkpoint=dict(interval=250))
