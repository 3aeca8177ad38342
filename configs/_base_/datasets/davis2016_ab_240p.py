# Partial supervision at small scale (Zhao et al. 2021, Sec. 4.2): masks in part A of DAVIS 2016's training
# sequences, boxes in part B, with as many clips from A as from B.
_base_ = ['./davis2016_240p.py']
part = dict(type='DAVIS2016Dataset', data_root=_base_.davis2016_root, resolution='240p')
train_dataloader = dict(
    sampler=dict(_delete_=True, type='MixtureSampler', weights=dict(masks=1, boxes=1)),
    dataset=dict(
        _delete_=True,
        type='MixtureDataset',
        clip_sampler=dict(num_frames=3, max_gap=10),
        pipeline={{_base_.clips_240p}},
        datasets=dict(
            masks=dict(part, ann_file='{{ fileDirname }}/davis2016_part_a.txt'),
            boxes=dict(part, ann_file='{{ fileDirname }}/davis2016_part_b.txt', supervision='box'),
        ),
    ),
)
