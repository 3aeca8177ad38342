# The model that comes with vosplug: box2seg_mobilenetv2_davis16-240p-all.py, trained further with objects of
# COCO images beside DAVIS 2016 and generated frames.
_base_ = [
    '../_base_/models/box2seg_mobilenetv2_flip.py',
    '../_base_/datasets/box_crops_mixed.py',
    '../_base_/schedules/adamw_steady.py',
    '../_base_/default_runtime.py',
]
model = dict(
    crop={{_base_.box_crop}},
    backbone=dict(init_cfg=None, frozen_stages=2),
    # chosen with box2seg_mobilenetv2_mixed.py on data it has not seen: vosplug/zoo/box2seg-tiny.md
    crf=dict(max_iter=3, bi_xy_std=30, bi_rgb_std=5, bi_w=2, pos_w=1),
)
load_from = 'work_dirs/box2seg_mobilenetv2_davis16-240p-all/iter_1500.pth'
default_hooks = dict(checkpoint=dict(interval=250))
