# Objects of COCO images, DAVIS 2016's training sequences and generated frames, cropped by their boxes with a
# margin that grows with the box.
_base_ = ['./coco_davis2016_objects.py']
box_margin = dict(relative_margin=0.2)
# Training uses a smaller crop, to save time: on held-out images, 193 is 1 J better than 161.
box_crop = dict(size=(193, 193), **box_margin)
box_crop_steps = [
    dict(type='ClipCropToObject', context=0.7),
    dict(type='ClipRandomFlip', prob=0.5),
    dict(type='PasteObject', prob=0.5, front=0.5, scale=(0.3, 1.0)),
    dict(type='ClipRandomAffine', degrees=15, scale=(0.75, 1.25), shear=8, shift=0, jitter=0),
    dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')]),
    dict(type='PackBoxCrop', size=(161, 161), jitter=0.05, **box_margin),
]
train_dataloader = dict(
    sampler=dict(weights=dict(synthetic=1)),
    dataset=dict(
        pipeline=[dict(type='LoadClip'), *box_crop_steps],
        datasets=dict(
            synthetic=dict(type='SyntheticVOS', num_videos=100_000, num_frames=24, size=(240, 360)),
        ),
    ),
)
# Settings of tools/pseudo_label.py. 300 steps: Voigtlaender et al. 2021, Sec. 3.1; the paper does not state
# the rest. Nothing is pasted onto an object's own masks, since they are few.
pseudo_labels = dict(
    batch_size=16,
    inside_box=True,
    fine_tune=dict(
        steps=300,
        batch_size=1,
        optim_wrapper=dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-4, weight_decay=0.01)),
        pipeline=[step for step in box_crop_steps if step['type'] != 'PasteObject'],
    ),
)
