# All training sequences of DAVIS 2016 and half as many iterations again: the first stage of box2seg-tiny.
_base_ = ['./box2seg_mobilenetv2_davis16-240p.py']
train_dataloader = dict(dataset=dict(datasets=dict(davis2016=dict(ann_file='ImageSets/480p/train.txt'))))
train_cfg = dict(max_iters=1500)
