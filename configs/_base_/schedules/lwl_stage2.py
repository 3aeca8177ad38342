# All of LWL, as its authors publish it (pytracking, ltr/train_settings/lwl/lwl_stage2.py).
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=2e-5))
param_scheduler = [dict(type='MultiStepLR', by_epoch=False, milestones=[25_000, 75_000], gamma=0.2)]
train_cfg = dict(type='VideoTrainLoop', max_iters=80_000, val_interval=80_000)
