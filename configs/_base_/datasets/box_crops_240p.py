# Single-object crops at 240p, each about the size of the window it is cut from, of generated frames and of
# part A of DAVIS 2016's training sequences (every other one); part B is used with boxes only.
_base_ = ['./clip_loader.py']
box_crop = dict(size=(193, 193), margin=25)
box_crop_steps = [
    dict(type='ClipRandomFlip', prob=0.5),
    dict(type='ClipRandomAffine', degrees=15, scale=(0.8, 1.25), shear=5, shift=0.05, jitter=0),
    dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')]),
    dict(type='PackBoxCrop', jitter=0.05, **box_crop),
]
train_dataloader = dict(
    batch_size=8,
    sampler=dict(_delete_=True, type='MixtureSampler', weights=dict(synthetic=1, davis2016=3)),
    dataset=dict(
        type='MixtureDataset',
        clip_sampler=dict(num_frames=1, max_objects=1),
        pipeline=[dict(type='LoadClip'), *box_crop_steps],
        datasets=dict(
            synthetic=dict(type='SyntheticVOS', num_videos=100_000, num_frames=24, size=(240, 360)),
            davis2016=dict(
                type='DAVIS2016Dataset',
                data_root='{{$DAVIS2016_ROOT:data/davis2016}}',
                resolution='240p',
                ann_file='{{ fileDirname }}/davis2016_part_a.txt',
            ),
        ),
    ),
)
# Settings of tools/pseudo_label.py. 300 steps: Sec. 3.1; the paper does not state the rest.
pseudo_labels = dict(
    batch_size=16,
    inside_box=True,
    fine_tune=dict(
        steps=300,
        batch_size=1,
        optim_wrapper=dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-4, weight_decay=0.01)),
        pipeline=box_crop_steps,
    ),
)
