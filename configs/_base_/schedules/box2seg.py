# The paper states no schedule; this is the one that MMSegmentation uses for DeepLabv3+.
optim_wrapper = dict(
    type='OptimWrapper', optimizer=dict(type='SGD', lr=0.01, momentum=0.9, weight_decay=5e-4)
)
param_scheduler = [dict(type='PolyLR', eta_min=1e-4, power=0.9, by_epoch=False)]
train_cfg = dict(type='VideoTrainLoop', max_iters=80_000, val_interval=80_000)
