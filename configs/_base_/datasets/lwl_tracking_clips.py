# Training clips of LWL with tracking benchmarks (Zhao et al. 2021, Sec. 4.3): YouTube-VOS, DAVIS, and masks
# that STANet made from the boxes of LaSOT's 1,120 and GOT-10k's 9,340 training videos; docs/pseudo_labels.md
# has the commands. The paper does not say how often each is drawn: 6 : 1 : 6 : 6 are the weights of later
# work of the same group on such masks (Paul et al., ECCV 2022; pytracking, ltr/train_settings/rts/rts50.py).
_base_ = ['./lwl_clips.py']
train_dataloader = dict(
    sampler=dict(weights=dict(got10k=6, lasot=6)),
    dataset=dict(
        datasets=dict(
            got10k=dict(
                type='GOT10kDataset',
                data_root='{{$GOT10K_ROOT:data/got10k}}/train',
                ann_dir='../PseudoLabels/sta/Annotations',
            ),
            lasot=dict(
                type='LaSOTDataset',
                data_root='{{$LASOT_ROOT:data/lasot}}',
                ann_file='training_set.txt',
                ann_dir='PseudoLabels/sta/Annotations',
            ),
        ),
    ),
)
