# 300 iterations of a small LWL, whose backbone is pretrained.
_base_ = ['./adamw_500.py']
optim_wrapper = dict(
    optimizer=dict(lr=1e-3), paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.05)})
)
train_cfg = dict(max_iters=300, val_interval=300)
