# Table 1, "MaskTrack+Flow+CRF": the same checkpoint.
_base_ = [
    '../_base_/models/masktrack_mobilenetv2_flow_crf.py',
    '../_base_/datasets/davis2016_seven.py',
    '../_base_/default_runtime.py',
]
