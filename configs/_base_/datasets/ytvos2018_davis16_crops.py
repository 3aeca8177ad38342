# The same clips with random crops, as in XMem's published code, for training from masks.
_base_ = ['./ytvos2018_davis16_clips.py']
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipRandomFlip', prob=0.5),
            dict(type='ClipRandomResizedCrop', size=(384, 384), scale=(0.36, 1.0)),
            {{_base_.clip_colours}},
            {{_base_.frame_deformation}},
            dict(type='StartMasks'),
            dict(type='PackClip'),
        ]
    )
)
