# The model that comes with vosplug: a small MultiFrameIterative for any image or video, trained on clips of
# COCO images and of 25 of DAVIS 2016's training sequences. Unlike in the paper, the ImageNet-pretrained
# backbone is trained, too.
_base_ = [
    '../_base_/models/sta_mobilenetv2.py',
    '../_base_/datasets/sta_clips_mixed.py',
    '../_base_/schedules/adamw_2000.py',
    '../_base_/default_runtime.py',
]
model = dict(crop={{_base_.sta_crop}}, backbone=dict(frozen_stages=-1))
optim_wrapper = dict(optimizer=dict(lr=1e-3), paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.1)}))
pseudo_labels = dict(frames=9, interval=5)  # Zhao et al. 2021, Sec. 4.1, for DAVIS
default_hooks = dict(checkpoint=dict(interval=100))
