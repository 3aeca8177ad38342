# The demo: box supervision only, from scratch, minutes on two CPU cores.
_base_ = [
    '../_base_/models/stm_tiny.py',
    '../_base_/datasets/synthetic.py',
    '../_base_/schedules/adamw_500.py',
    '../_base_/default_runtime.py',
]
model = dict(initializer=dict(type='FilledBoxInitializer', refine=True))
train_dataloader = dict(dataset=dict(supervision='box'))
optim_wrapper = dict(optimizer=dict(lr=1e-3), paramwise_cfg=None)  # nothing is pretrained
