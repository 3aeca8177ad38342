# Table 1, "MaskTrack+Flow+CRF": the same checkpoint.
_base_ = [
    '../_base_/models/masktrack_vgg16_flow_crf.py',
    '../_base_/datasets/davis2016.py',
    '../_base_/default_runtime.py',
]
