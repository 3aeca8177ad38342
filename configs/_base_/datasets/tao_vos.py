# Fine-tuning on the 500 training videos of TAO-VOS, testing on its validation set. The clips are ours: how
# the paper fine-tunes is in its supplement, which is not at hand.
_base_ = ['./clip_loader.py', './tao_vos_val.py']
train_dataloader = dict(
    num_workers=4,
    dataset=dict(
        type='TAOVOSDataset',
        data_root='{{$TAOVOS_ROOT:data/taovos}}',
        split='train',
        # annotated frames are 30 frames of the recording apart, so neighbours in a clip are at most 3 s apart
        clip_sampler=dict(num_frames=3, max_gap=90, max_objects=3),
        short_videos='drop',
        pipeline=[
            dict(type='LoadClip'),
            dict(type='ClipRandomFlip', prob=0.5),
            dict(type='ClipRandomResizedCrop', size=(384, 384), scale=(0.36, 1.0)),
            dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')]),
            dict(type='PackClip'),
        ],
    ),
)
