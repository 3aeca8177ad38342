# Five training sequences of DAVIS 2016 at 240p, left out by davis2016_train_25.txt: for choosing settings.
_base_ = ['./davis2016.py']
test_dataloader = dict(
    dataset=dict(ann_file='{{ fileDirname }}/davis2016_train_held_out_5.txt', resolution='240p'),
)
val_dataloader = test_dataloader
