# Oh et al. 2019: Adam, a constant learning rate of 1e-5. They report days of training, not iterations: the
# number is ours.
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-5))
param_scheduler = []
train_cfg = dict(type='VideoTrainLoop', max_iters=150_000, val_interval=10_000)
