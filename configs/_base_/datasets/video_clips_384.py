# Clips of the main training of Oh et al. 2019 (Sec. 3.5 and 4): 3 frames in order, crops of 384x384, batches
# of 4 clips. Crops are sampled as in XMem's published code, since the authors' training code is not public.
# Child configs add the videos.
_base_ = ['./clip_loader.py']
total_batch_size = 4
train_dataloader = dict(
    batch_size=total_batch_size,
    num_workers=4,
    dataset=dict(
        clip_sampler=dict(num_frames=3, max_objects=3, reverse_prob=0),
        short_videos='drop',
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipRandomFlip', prob=0.5),
            dict(type='ClipRandomResizedCrop', size=(384, 384), scale=(0.36, 1.0)),
            dict(type='StartMasks'),
            dict(type='PackClip'),
        ],
    ),
)
