# After stage 0, still images with masks: videos with boxes only, mixed with still images, so that the network
# keeps what it learned from masks. Trains the shipped model, xmem-tiny-box.py.
_base_ = [
    '../_base_/models/xmem_mobilenetv2.py',
    '../_base_/datasets/boxes_and_stills_small.py',
    '../_base_/schedules/adamw_300.py',
    '../_base_/default_runtime.py',
]
load_from = 'work_dirs/xmem_mobilenetv2_static/iter_600.pth'
model = dict(
    decode_head=dict(
        loss_box=[{{_base_.projection_beside_masks}}, {{_base_.pairwise}}, {{_base_.temporal}}],
    ),
)
custom_hooks = [
    dict(type='LossRampHook', loss='loss_pairwise', end=1.0, until=30),
    dict(type='LossRampHook', loss='loss_temporal', end=1.0, until=30),
]
optim_wrapper = dict(optimizer=dict(lr=1e-4))
