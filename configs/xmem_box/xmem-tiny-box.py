# The model that comes with vosplug: stage 0, stills with masks, then videos with boxes only among more
# stills, so that the network keeps what masks taught it.
_base_ = [
    '../_base_/models/xmem_mobilenetv2.py',
    '../_base_/datasets/boxes_and_stills_small.py',
    '../_base_/losses/box_small.py',
    '../_base_/schedules/adamw_300.py',
    '../_base_/default_runtime.py',
]
load_from = 'work_dirs/xmem_mobilenetv2_static/iter_600.pth'
model = dict(
    initializer=dict(type='GrabCutInitializer', iterations=2),
    decode_head=dict(loss_box=[{{_base_.projection}}, {{_base_.pairwise}}, {{_base_.temporal}}]),
)
custom_hooks = [{{_base_.pairwise_ramp}}, {{_base_.temporal_ramp}}]
optim_wrapper = dict(optimizer=dict(lr=1e-4))
