# Part B of DAVIS 2016's training sequences at 240p, for testing models trained on part A.
_base_ = ['./davis2016.py']
test_dataloader = dict(
    dataset=dict(ann_file='{{ fileDirname }}/davis2016_part_b.txt', resolution='240p'),
)
val_dataloader = test_dataloader
