# Box2Seg with a lighter backbone, trained as box2seg_xception65_coco.py.
_base_ = [
    '../_base_/models/box2seg_mobilenetv2.py',
    '../_base_/datasets/box_crops_coco.py',
    '../_base_/schedules/box2seg.py',
    '../_base_/long_runtime.py',
]
model = dict(crop={{_base_.box_crop}})
