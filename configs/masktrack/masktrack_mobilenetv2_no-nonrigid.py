# Table 1, "No non-rigid deformation".
_base_ = ['./masktrack_mobilenetv2.py']
steps, online_steps = (
    [{**step, 'bend': 0} if step['type'] == 'InputMasks' else step for step in some]
    for some in (_base_.sample_steps, _base_.online_steps)
)
train_dataloader = dict(dataset=dict(pipeline=steps))
model = dict(test_cfg=dict(online=dict(pipeline=online_steps)))
