# Table 2, MaskTrack on YouTube-Objects: the same checkpoint.
_base_ = [
    '../_base_/models/masktrack_vgg16_online.py',
    '../_base_/datasets/youtube_objects.py',
    '../_base_/default_runtime.py',
]
