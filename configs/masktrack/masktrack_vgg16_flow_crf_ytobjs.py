# Sec. 5.3, the extended system on YouTube-Objects.
_base_ = [
    '../_base_/models/masktrack_vgg16_flow_crf.py',
    '../_base_/datasets/youtube_objects.py',
    '../_base_/default_runtime.py',
]
