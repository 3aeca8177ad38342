# Still images with masks, deformed into clips of 3 frames (Oh et al. 2019, Sec. 3.5); all main training
# starts from these weights. Voigtlaender et al. 2021, Table 3, "Pre-training only". The images are XMem's.
_base_ = [
    '../_base_/models/stm_r50.py',
    '../_base_/datasets/static_images.py',
    '../_base_/datasets/davis2017.py',
    '../_base_/schedules/adam_1e-5.py',
    '../_base_/long_runtime.py',
]
total_batch_size = 4
train_dataloader = dict(batch_size=total_batch_size)
train_cfg = dict(max_iters=300_000, val_interval=50_000)
