# Table 2, MaskTrack_Box on SegTrack v2.
_base_ = [
    '../_base_/models/masktrack_vgg16_box.py',
    '../_base_/datasets/segtrack_v2.py',
    '../_base_/default_runtime.py',
]
test_dataloader = dict(dataset=dict(prompt='box'))
