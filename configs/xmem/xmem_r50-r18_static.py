# Stage 0: still images with masks, deformed into clips of 3 frames.
_base_ = [
    '../_base_/models/xmem_r50-r18.py',
    '../_base_/datasets/static_images.py',
    '../_base_/datasets/davis2017.py',
    '../_base_/losses/xmem_mask.py',
    '../_base_/schedules/xmem_static.py',
    '../_base_/long_runtime.py',
]
model = dict(train_cfg=dict(num_ref_frames=2))
custom_hooks = [{{_base_.hardest_pixels}}]
