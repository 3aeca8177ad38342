# Table 1, "No deformation", offline and online: the network's input is the very mask that it should predict.
_base_ = ['./masktrack_mobilenetv2.py']
nothing = dict(scale=0, shift=0, bend=0, dilate=0)
steps, online_steps = (
    [{**step, **nothing} if step['type'] == 'InputMasks' else step for step in some]
    for some in (_base_.sample_steps, _base_.online_steps)
)
train_dataloader = dict(dataset=dict(pipeline=steps))
model = dict(dilation=0, test_cfg=dict(online=dict(pipeline=online_steps)))
