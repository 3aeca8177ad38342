# Tests a converted checkpoint of the authors on DAVIS 2017.
_base_ = [
    '../_base_/models/lwl_r50.py',
    '../_base_/datasets/davis2017.py',
    '../_base_/default_runtime.py',
]
