# Single frames with one object, cropped around its box, for Box2Seg: Voigtlaender et al. 2021, Sec. 3.1. The
# margin is that of Luiten et al. 2018 (PReMVOS), from which Box2Seg comes; the jitter is ours.
_base_ = ['./clip_loader.py']
box_crop = dict(size=(385, 385), margin=50)
box_crop_steps = [
    dict(type='ClipRandomFlip', prob=0.5),
    dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')]),
    dict(type='PackBoxCrop', jitter=0.05, **box_crop),
]
train_dataloader = dict(
    dataset=dict(
        clip_sampler=dict(num_frames=1, max_objects=1),
        pipeline=[dict(type='LoadClip'), *box_crop_steps],
    ),
)
# Settings of tools/pseudo_label.py. 300 steps: Sec. 3.1; the paper does not state the rest.
pseudo_labels = dict(
    batch_size=16,
    inside_box=True,
    fine_tune=dict(
        steps=300,
        batch_size=4,
        optim_wrapper=dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-4, weight_decay=0.01)),
        pipeline=box_crop_steps,
    ),
)
