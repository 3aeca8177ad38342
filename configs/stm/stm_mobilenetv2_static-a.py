# Pre-training on deformed still images, as for the original network: single frames of part A of DAVIS 2016's
# training sequences and of generated videos. Training on part B starts from these weights.
_base_ = [
    '../_base_/models/stm_mobilenetv2.py',
    '../_base_/datasets/stills_small.py',
    '../_base_/schedules/adamw_500.py',
    '../_base_/default_runtime.py',
]
part_a = '{{ fileDirname }}/../_base_/datasets/davis2016_part_a.txt'
train_dataloader = dict(dataset=dict(datasets=dict(davis2016=dict(ann_file=part_a))))
