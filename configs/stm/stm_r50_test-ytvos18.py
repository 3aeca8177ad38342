# Testing only; any checkpoint of this network, however it was trained.
_base_ = [
    '../_base_/models/stm_r50.py',
    '../_base_/datasets/ytvos2018.py',
    '../_base_/long_runtime.py',
]
