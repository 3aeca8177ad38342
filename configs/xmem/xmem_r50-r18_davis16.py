# Testing only, with any checkpoint of this network.
_base_ = [
    '../_base_/models/xmem_r50-r18.py',
    '../_base_/datasets/davis2016.py',
    '../_base_/long_runtime.py',
]
