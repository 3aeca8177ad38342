# LWL on VOT2020, from masks.
_base_ = [
    '../_base_/models/lwl_r50.py',
    '../_base_/datasets/vot2020.py',
    '../_base_/default_runtime.py',
]
