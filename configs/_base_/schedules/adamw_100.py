# 100 iterations, minutes on two CPU cores.
_base_ = ['./adamw_500.py']
train_cfg = dict(max_iters=100, val_interval=100)
