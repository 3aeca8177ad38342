# Table 2, MaskTrack on SegTrack v2: the same checkpoint.
_base_ = [
    '../_base_/models/masktrack_vgg16_online.py',
    '../_base_/datasets/segtrack_v2.py',
    '../_base_/default_runtime.py',
]
