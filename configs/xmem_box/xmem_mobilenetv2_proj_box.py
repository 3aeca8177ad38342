# The ablation on two CPU cores: boxes only. GrabCut cuts the object out of its box before it starts a clip: a
# filled box is what the projection asks for, and a training as short as this one does not get away from it.
_base_ = [
    '../_base_/models/xmem_mobilenetv2.py',
    '../_base_/datasets/davis2016_240p.py',
    '../_base_/schedules/adamw_100.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(loss_mask=[], loss_object=[], loss_box=[{{_base_.projection}}]))
train_dataloader = dict(dataset=dict(supervision='box'))
optim_wrapper = dict(optimizer=dict(lr=3e-5))  # what boxes do not say is kept from the network's start
