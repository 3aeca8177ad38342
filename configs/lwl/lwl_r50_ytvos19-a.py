# Zhao et al. 2021, Table 4, "Only A": 76.9 J on YT300.
_base_ = ['./lwl_r50_ytvos19.py']
train_dataloader = dict(
    sampler=dict(weights=dict(_delete_=True, masks=1)),
    dataset=dict(datasets=dict(_delete_=True, masks={{_base_.train_dataloader.dataset.datasets.masks}})),
)
