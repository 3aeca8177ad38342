# Fine-tuning on the 500 training videos of TAO-VOS, testing on its validation set. The clips are ours: how
# the paper fine-tunes is in its supplement, which is not at hand.
_base_ = ['./video_clips_384.py', './tao_vos_val.py']
train_dataloader = dict(
    dataset=dict(
        type='TAOVOSDataset',
        data_root='{{$TAOVOS_ROOT:data/taovos}}',
        split='train',
        # annotated frames are 30 frames of the recording apart, so neighbours in a clip are at most 3 s apart
        clip_sampler=dict(max_gap=90),
    ),
)
