# Zhao et al. 2021, Table 4, "Only A", at small scale: masks of part A.
_base_ = ['./lwl_mobilenetv2.py']
train_dataloader = dict(dataset=dict(ann_file='{{ fileDirname }}/../_base_/datasets/davis2016_part_a.txt'))
