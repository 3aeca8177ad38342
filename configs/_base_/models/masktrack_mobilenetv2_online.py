# The same for two CPU cores.
_base_ = ['./masktrack_mobilenetv2.py', '../datasets/masktrack_steps_240p.py']
model = dict(
    test_cfg=dict(
        online=dict(
            type='OnlineAdapter',
            steps=100,
            batch_size=4,
            num_frames=1,
            per_object=True,
            optim_wrapper=dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-4)),
            pipeline={{_base_.online_steps}},
        ),
    ),
)
