# LWL that starts from boxes (Bhat et al. 2020), as its authors publish it (pytracking,
# ltr/train_settings/lwl/lwl_boxinit.py): only the box encoder is trained. They also draw COCO images, one for
# each clip of YouTube-VOS, do not rotate or scale frames, and weigh later frames ten times as much as the
# first.
_base_ = [
    '../_base_/models/lwl_r50_box.py',
    '../_base_/datasets/lwl_clips.py',
    '../_base_/datasets/yt300.py',
    '../_base_/long_runtime.py',
]
total_batch_size = 8
train_dataloader = dict(
    batch_size=total_batch_size,
    sampler=dict(weights=dict(_delete_=True, ytvos2019=1)),
    dataset=dict(
        clip_sampler=dict(num_frames=2, max_gap=100),
        datasets=dict(_delete_=True, ytvos2019={{_base_.train_dataloader.dataset.datasets.ytvos2019}}),
    ),
)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-3))
param_scheduler = [dict(type='MultiStepLR', by_epoch=False, milestones=[20_000, 40_000], gamma=0.2)]
train_cfg = dict(type='VideoTrainLoop', max_iters=50_000, val_interval=50_000)
load_from = 'work_dirs/lwl_r50/iter_80000.pth'
val_dataloader = dict(dataset=dict(prompt='box'))
test_dataloader = val_dataloader
