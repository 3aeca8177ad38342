# Skogh 2024, Sec. 4.3: the main training, on videos.
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-5, weight_decay=0.05))
param_scheduler = [dict(type='MultiStepLR', by_epoch=False, milestones=[80_000], gamma=0.1)]
train_cfg = dict(type='VideoTrainLoop', max_iters=110_000, val_interval=10_000)
