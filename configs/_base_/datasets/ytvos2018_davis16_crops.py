# The same clips, deformed as XMem's published code does, for training from masks.
_base_ = ['./ytvos2018_davis16_clips.py']
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipRandomFlip', prob=0.5),
            dict(type='ClipRandomResizedCrop', size=(384, 384), scale=(0.36, 1.0)),
            {{_base_.clip_colours}},
            # every frame on its own
            dict(type='ClipRandomAffine', together=0, jitter=1, degrees=15, scale=(1, 1), shear=10, shift=0),
            dict(type='PackClip'),
        ]
    )
)
