# MaskTrack: trained on still images, fine-tuned online, tested on DAVIS 2016 (Perazzi et al. 2017, Table 1).
_base_ = [
    '../_base_/models/masktrack_vgg16_online.py',
    '../_base_/datasets/masktrack_stills.py',
    '../_base_/datasets/davis2016.py',
    '../_base_/default_runtime.py',
]
train_dataloader = dict(dataset=dict(pipeline={{_base_.sample_steps}}))
optim_wrapper = {{_base_.sgd}}
param_scheduler = {{_base_.poly}}
train_cfg = {{_base_.iterations}}
