# Fine-tuning on TAO-VOS after the main training, as Voigtlaender et al. 2021 do (Sec. 5.4) with other
# networks. Their details are in a supplement that is not available to us: the schedule is ours, a short
# version of the main training's.
_base_ = [
    '../_base_/models/xmem_r50-r18.py',
    '../_base_/datasets/tao_vos.py',
    '../_base_/schedules/xmem_main.py',
    '../_base_/long_runtime.py',
]
load_from = 'work_dirs/xmem_r50-r18_davis17/iter_110000.pth'
total_batch_size = 8
train_dataloader = dict(batch_size=total_batch_size)
model = dict(train_cfg=dict(num_ref_frames=2))  # clips have 3 frames
param_scheduler = [dict(type='MultiStepLR', by_epoch=False, milestones=[8_000], gamma=0.1)]
train_cfg = dict(max_iters=10_000, val_interval=10_000)
