# Table 1, "Boxes": the network is trained with deformed boxes and gets the box of its previous result.
_base_ = ['./masktrack_mobilenetv2.py']
steps, online_steps = (
    [{**step, 'kind': 'box'} if step['type'] == 'InputMasks' else step for step in some]
    for some in (_base_.sample_steps, _base_.online_steps)
)
train_dataloader = dict(dataset=dict(pipeline=steps))
model = dict(guidance='box', test_cfg=dict(online=dict(pipeline=online_steps)))
