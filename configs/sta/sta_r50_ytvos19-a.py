# STANet for Zhao et al. 2021, Table 4: trained on the masks of set A of YouTube-VOS 2019 alone (see
# ../_base_/datasets/ytvos2019_ab_clips.py).
_base_ = ['./sta_r50.py']
train_dataloader = dict(
    sampler=dict(weights=dict(_delete_=True, ytvos2019=1)),
    dataset=dict(
        datasets=dict(
            _delete_=True,
            ytvos2019=dict(_base_.train_dataloader.dataset.datasets.ytvos2019, ann_file='partial/a.txt'),
        ),
    ),
)
