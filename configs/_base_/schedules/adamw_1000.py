# 1,000 iterations in bfloat16.
_base_ = ['./adamw_500.py']
optim_wrapper = dict(type='BFloat16OptimWrapper')
train_cfg = dict(max_iters=1000, val_interval=1000)
