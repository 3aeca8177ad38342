# The model that comes with vosplug: box2seg_mobilenetv2_davis16-240p-all.py, trained further with objects of
# COCO images beside DAVIS 2016 and generated frames.
_base_ = [
    '../_base_/models/box2seg_mobilenetv2.py',
    '../_base_/datasets/box_crops_mixed.py',
    '../_base_/schedules/adamw_steady.py',
    '../_base_/default_runtime.py',
]
model = dict(
    crop={{_base_.box_crop}},
    flip=True,  # 0.8 J better on the images held out
    backbone=dict(init_cfg=None, frozen_stages=2),
    decode_head=dict(
        loss_decode=[
            dict(type='mmseg.CrossEntropyLoss', avg_non_ignore=True),
            dict(type='vosplug.SoftJaccardLoss'),
        ]
    ),
)
load_from = 'work_dirs/box2seg_mobilenetv2_davis16-240p-all/iter_1500.pth'
default_hooks = dict(checkpoint=dict(interval=250))
