# The ablation on two CPU cores: boxes only. The box is refined before it starts a clip, so that training
# meets masks in memory as testing does.
_base_ = [
    '../_base_/models/xmem_mobilenetv2.py',
    '../_base_/datasets/davis2016_240p.py',
    '../_base_/losses/box_small.py',
    '../_base_/schedules/adamw_300.py',
    '../_base_/default_runtime.py',
]
model = dict(
    initializer=dict(type='FilledBoxInitializer', refine=True),
    decode_head=dict(loss_mask=[], loss_object=[], loss_box=[{{_base_.projection}}]),
)
train_dataloader = dict(dataset=dict(supervision='box'))
