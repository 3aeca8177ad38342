# The ablation on two CPU cores: box supervision only. GrabCut makes a clip's first masks, since the filled
# box minimises the projection loss and so short a training run does not leave that minimum.
_base_ = [
    '../_base_/models/xmem_mobilenetv2.py',
    '../_base_/datasets/davis2016_240p.py',
    '../_base_/schedules/adamw_100.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(loss_mask=[], loss_object=[], loss_box=[{{_base_.projection}}]))
train_dataloader = dict(dataset=dict(supervision='box'))
optim_wrapper = dict(optimizer=dict(lr=3e-5))  # low, to keep what the initial network knows beyond boxes
