# The model that comes with vosplug: a small LWL for any video, trained on clips of COCO images and of 25 of
# DAVIS 2016's training sequences. Box prompts are segmented by box2seg-tiny.
_base_ = [
    '../_base_/models/lwl_mobilenetv2.py',
    '../_base_/datasets/masktrack_clips_small.py',
    '../_base_/datasets/davis2016_seven.py',
    '../_base_/schedules/adamw_2000.py',
    '../_base_/default_runtime.py',
]
model = dict(initializer=dict(type='Box2SegInitializer', config='box2seg-tiny'))
optim_wrapper = dict(optimizer=dict(lr=1e-3), paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.1)}))
default_hooks = dict(checkpoint=dict(interval=100))
