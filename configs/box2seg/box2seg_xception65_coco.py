# The network of the paper, trained on COCO (Voigtlaender et al. 2021, Sec. 3.1).
_base_ = [
    '../_base_/models/box2seg_xception65.py',
    '../_base_/datasets/box_crops_coco.py',
    '../_base_/schedules/box2seg.py',
    '../_base_/long_runtime.py',
]
model = dict(crop={{_base_.box_crop}})
