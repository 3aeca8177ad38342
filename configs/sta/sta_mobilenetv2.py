# A small MultiFrameIterative for CPUs, trained on masks of part A of DAVIS 2016's training sequences.
_base_ = [
    '../_base_/models/sta_mobilenetv2.py',
    '../_base_/datasets/sta_clips_small.py',
    '../_base_/schedules/adamw_500.py',
    '../_base_/default_runtime.py',
]
model = dict(crop={{_base_.sta_crop}})
optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_iters=400, val_interval=400)
pseudo_labels = dict(frames=9, interval=5)  # Zhao et al. 2021, Sec. 4.1, for DAVIS
