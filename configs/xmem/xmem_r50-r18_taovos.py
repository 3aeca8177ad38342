# Testing only, with any checkpoint of this network.
_base_ = [
    '../_base_/models/xmem_r50-r18.py',
    '../_base_/datasets/tao_vos_val.py',
    '../_base_/long_runtime.py',
]
