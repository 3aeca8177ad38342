# Table 3 of Voigtlaender et al. 2021 at small scale: ground-truth masks of part B of DAVIS 2016's training
# sequences, which Box2Seg has not seen. Its siblings differ in the labels and the loss.
_base_ = [
    '../_base_/models/stm_mobilenetv2.py',
    '../_base_/datasets/davis2016_240p.py',
    '../_base_/schedules/adamw_300.py',
    '../_base_/default_runtime.py',
]
train_dataloader = dict(dataset=dict(ann_file='{{ fileDirname }}/../_base_/datasets/davis2016_part_b.txt'))
load_from = 'work_dirs/stm_mobilenetv2_static-a/iter_500.pth'
