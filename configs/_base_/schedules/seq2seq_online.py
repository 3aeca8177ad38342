# For test_cfg of Seq2Seq; Xu et al. 2018, Sec. 4.3, "Online Learning": pairs made from the first frame by
# affine transformations, the first of which starts the clip; the ConvLSTM is not trained. Transformations,
# number of iterations and learning rate are ours: the paper states none. With online learning the paper's
# network takes 9 s per frame of DAVIS, ten minutes per video.
seq2seq_online = dict(
    type='OnlineAdapter',
    steps=200,
    num_frames=2,
    batch_size=4,
    parts=['backbone', 'start_backbone', 'project', 'start_hidden', 'start_cell', 'decode_head'],
    optim_wrapper=dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-5)),
    pipeline=[
        dict(type='ClipRandomFlip', prob=0.5),
        dict(type='ClipRandomAffine', degrees=20, scale=(0.8, 1.25), shear=10, shift=0.1, jitter=1),
        dict(type='PackClip'),
    ],
)
