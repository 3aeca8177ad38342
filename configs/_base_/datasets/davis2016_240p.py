# DAVIS 2016: clips of the 30 training sequences at 240p, testing on seven validation sequences at 480p.
_base_ = ['./clip_loader.py', './davis2016_seven.py']
train_dataloader = dict(
    dataset=dict(
        type='DAVIS2016Dataset',
        data_root={{_base_.davis2016_root}},
        ann_file='ImageSets/480p/train.txt',
        resolution='240p',
        clip_sampler=dict(num_frames=3, max_gap=10),
        pipeline={{_base_.clips_240p}},
    ),
)
