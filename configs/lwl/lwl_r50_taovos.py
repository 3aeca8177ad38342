# Fine-tuning on TAO-VOS after YouTube-VOS (Voigtlaender et al. 2021, Tables 5 and 6): 59.5 J&F instead of
# 55.9, on all frames.
_base_ = [
    '../_base_/models/lwl_r50.py',
    '../_base_/datasets/tao_vos.py',
    '../_base_/schedules/lwl_stage2.py',
    '../_base_/long_runtime.py',
]
model = dict(backbone=dict(frozen_stages=1))
load_from = 'work_dirs/lwl_r50/iter_80000.pth'
# ours: the paper's schedule is in its supplement, which is not available to us
param_scheduler = []
train_cfg = dict(max_iters=20_000, val_interval=20_000)
val_dataloader = dict(dataset=dict(all_frames=True))
test_dataloader = val_dataloader
