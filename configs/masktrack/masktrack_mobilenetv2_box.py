# MaskTrack_Box, Table 2: from the box of the first frame.
_base_ = [
    '../_base_/models/masktrack_mobilenetv2_box.py',
    '../_base_/datasets/davis2016_seven.py',
    '../_base_/default_runtime.py',
]
test_dataloader = dict(dataset=dict(prompt='box'))
