# Oh et al. 2019: Adam, a learning rate of 1e-5 that stays. They tell days of training, not iterations: the
# count is ours.
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-5))
param_scheduler = []
train_cfg = dict(type='IterBasedTrainLoop', max_iters=150_000, val_interval=10_000)
