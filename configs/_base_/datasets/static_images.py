# Still images as pseudo-videos of 3 frames, for pre-training: Skogh 2024, Sec. 4.1 and 4.3 (five datasets,
# 37k images); deformations and folders are those of XMem's published code, without its thin-plate warp of a
# third of the frames. One folder per dataset, with images x.jpg and masks x.png.
_base_ = ['./clip_loader.py']
static_root = '{{$STATIC_IMAGES_ROOT:data/static}}'
colours = dict(
    type='mmseg.PhotoMetricDistortion',
    brightness_delta=26,  # ColorJitter(0.1, 0.05, 0.05, 0.05)
    contrast_range=(0.95, 1.05),
    saturation_range=(0.95, 1.05),
    hue_delta=9,
)
train_pipeline = [
    dict(type='LoadClip'),
    # the same for the 3 frames
    dict(type='ClipRandomAffine', jitter=0, degrees=0, scale=(0.8, 1.5), shear=0, shift=0),
    dict(type='ClipRandomFlip', prob=0.5),
    dict(type='PerFrame', transforms=[colours, {{_base_.grey_clips}}]),
    # different for each frame
    dict(type='ClipRandomAffine', together=0, jitter=1, degrees=20, scale=(0.9, 1.1), shear=10, shift=0),
    dict(type='ClipResize', short_side=384),
    dict(type='ClipRandomCrop', size=(384, 384), same_for_clip=False),
    dict(type='PerFrame', transforms=[dict(colours, hue_delta=1)], same_for_clip=False),
    dict(type='StartMasks'),
    dict(type='PackClip'),
]
total_batch_size = 16  # Sec. 4.3
train_dataloader = dict(
    batch_size=total_batch_size,
    num_workers=8,
    # images in each; XMem repeats those of BIG and HRSOD five times
    sampler=dict(
        _delete_=True,
        type='MixtureSampler',
        weights=dict(fss=10000, duts_tr=10553, duts_te=5019, ecssd=1000, big=5 * 150, hrsod=5 * 2010),
    ),
    dataset=dict(
        type='MixtureDataset',
        clip_sampler=dict(num_frames=3),  # Sec. 4.3
        pipeline=train_pipeline,
        datasets=dict(
            fss=dict(type='StaticImageDataset', data_root=static_root, image_dir='fss'),
            duts_tr=dict(type='StaticImageDataset', data_root=static_root, image_dir='DUTS-TR'),
            duts_te=dict(type='StaticImageDataset', data_root=static_root, image_dir='DUTS-TE'),
            ecssd=dict(type='StaticImageDataset', data_root=static_root, image_dir='ecssd'),
            big=dict(type='StaticImageDataset', data_root=static_root, image_dir='BIG_small'),
            hrsod=dict(type='StaticImageDataset', data_root=static_root, image_dir='HRSOD_small'),
        ),
    ),
)
