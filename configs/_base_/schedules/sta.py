# Zhao et al. 2021, Sec. 3.4.
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-2))
param_scheduler = [dict(type='MultiStepLR', by_epoch=False, milestones=[30_000, 60_000], gamma=0.2)]
train_cfg = dict(type='VideoTrainLoop', max_iters=80_000, val_interval=80_000)
