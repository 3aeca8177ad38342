# The baseline of Zhao et al. 2021, Sec. 4.3: LWL with a fixed backbone, then all of it for 120k iterations on
# YouTube-VOS and DAVIS. EAO 0.463 on VOT2020, 84.6 AO on GOT-10k, 80.7 AUC on TrackingNet.
_base_ = ['./lwl_r50.py']
param_scheduler = [dict(type='MultiStepLR', by_epoch=False, milestones=[37_500, 112_500], gamma=0.2)]
train_cfg = dict(max_iters=120_000, val_interval=120_000)
