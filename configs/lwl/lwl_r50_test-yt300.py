# LWL on YT300.
_base_ = [
    '../_base_/models/lwl_r50.py',
    '../_base_/datasets/yt300.py',
    '../_base_/default_runtime.py',
]
