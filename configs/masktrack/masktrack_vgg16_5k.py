# Table 1, "Reduced offline training".
_base_ = [
    '../_base_/models/masktrack_vgg16_online.py',
    '../_base_/datasets/masktrack_stills_5k.py',
    '../_base_/datasets/davis2016.py',
    '../_base_/default_runtime.py',
]
train_dataloader = dict(dataset=dict(pipeline={{_base_.sample_steps}}))
optim_wrapper = {{_base_.sgd}}
param_scheduler = {{_base_.poly}}
train_cfg = {{_base_.iterations}}
