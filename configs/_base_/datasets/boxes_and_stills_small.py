# Videos with boxes only, mixed with pseudo-videos with masks; trains the shipped model.
_base_ = ['./stills_small.py']
boxes = dict(
    supervision='box',
    clip_sampler=dict(num_frames=3, max_gap=5, max_objects=3),
    pipeline={{_base_.clips_240p}},
)
train_dataloader = dict(
    sampler=dict(weights=dict(synthetic_boxes=1, davis2016_boxes=2)),
    dataset=dict(
        datasets=dict(
            synthetic_boxes=dict(
                type='SyntheticVOS', num_videos=100_000, num_frames=24, size=(240, 360), seed=500_000, **boxes
            ),
            davis2016_boxes=dict(
                type='DAVIS2016Dataset',
                data_root={{_base_.davis2016_root}},
                ann_file='ImageSets/480p/train.txt',
                resolution='240p',
                **boxes,
            ),
        ),
    ),
)
