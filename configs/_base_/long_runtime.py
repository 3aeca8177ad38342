# Runtime settings for training that takes days.
_base_ = ['./default_runtime.py']
default_hooks = dict(
    logger=dict(interval=100), checkpoint=dict(interval=10_000, max_keep_ckpts=3, save_last=True)
)
