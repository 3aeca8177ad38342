# Testing only, with any checkpoint of this network.
_base_ = [
    '../_base_/models/stm_r50.py',
    '../_base_/datasets/ytvos2018.py',
    '../_base_/long_runtime.py',
]
