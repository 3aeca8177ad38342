# Fine-tuning on the 500 training videos of TAO-VOS, testing on its validation set. The clip settings are
# ours; the paper's are in its supplement, which is not available to us.
_base_ = ['./video_clips_384.py', './tao_vos_val.py']
train_dataloader = dict(
    dataset=dict(
        type='TAOVOSDataset',
        data_root='{{$TAOVOS_ROOT:data/taovos}}',
        split='train',
        # annotated frames are 30 source frames apart, so neighbours in a clip are at most 3 s apart
        clip_sampler=dict(max_gap=90),
    ),
)
