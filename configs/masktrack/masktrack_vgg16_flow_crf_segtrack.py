# Sec. 5.3, the extended system on SegTrack v2.
_base_ = [
    '../_base_/models/masktrack_vgg16_flow_crf.py',
    '../_base_/datasets/segtrack_v2.py',
    '../_base_/default_runtime.py',
]
