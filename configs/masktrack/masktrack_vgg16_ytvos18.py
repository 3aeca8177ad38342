# MaskTrack trained and tested on YouTube-VOS (Xu et al. 2018, Table 2). A video and then one of its annotated
# frames is drawn at random.
_base_ = [
    '../_base_/models/masktrack_vgg16_online.py',
    '../_base_/datasets/clip_loader.py',
    '../_base_/datasets/ytvos2018_split.py',
    '../_base_/default_runtime.py',
]
total_batch_size = 10  # Perazzi et al. 2017, Sec. 4
train_dataloader = dict(
    batch_size=total_batch_size,
    num_workers=4,
    dataset=dict(
        clip_sampler=dict(num_frames=1, max_objects=1),
        pipeline={{_base_.sample_steps}},
        **_base_.train_videos,
    ),
)
optim_wrapper = {{_base_.sgd}}
param_scheduler = {{_base_.poly}}
train_cfg = {{_base_.iterations}}
