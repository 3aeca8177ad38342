# The paper's network on the data of masktrack_mobilenetv2.py, at 240p: few iterations, with an optimizer that
# needs few.
_base_ = [
    '../_base_/models/masktrack_vgg16.py',
    '../_base_/datasets/masktrack_small.py',
    '../_base_/datasets/masktrack_steps_240p.py',
    '../_base_/datasets/davis2016_seven.py',
    '../_base_/schedules/adamw_300.py',
    '../_base_/default_runtime.py',
]
train_dataloader = dict(batch_size=4, dataset=dict(pipeline={{_base_.sample_steps}}))
model = dict(dilation=3, test_cfg=dict(short_side=240, online={{_base_.online}}))
optim_wrapper = dict(type='BFloat16OptimWrapper')
default_hooks = dict(checkpoint=dict(interval=100))
