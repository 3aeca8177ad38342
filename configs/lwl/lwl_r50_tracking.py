# Zhao et al. 2021, Sec. 4.3, "LWL-Ours": from LWL with a fixed backbone, all weights trained for 120k
# iterations on YouTube-VOS, DAVIS, and STANet's masks of LaSOT and GOT-10k. EAO 0.510 on VOT2020, 86.7 AO on
# GOT-10k, 81.2 AUC on TrackingNet. Milestones are those of lwl_r50.py, scaled.
_base_ = [
    '../_base_/models/lwl_r50.py',
    '../_base_/datasets/lwl_tracking_clips.py',
    '../_base_/datasets/yt300.py',
    '../_base_/schedules/lwl_stage2.py',
    '../_base_/long_runtime.py',
]
model = dict(backbone=dict(frozen_stages=1))
load_from = 'work_dirs/lwl_r50_stage1/iter_70000.pth'
param_scheduler = [dict(type='MultiStepLR', by_epoch=False, milestones=[37_500, 112_500], gamma=0.2)]
train_cfg = dict(max_iters=120_000, val_interval=120_000)
