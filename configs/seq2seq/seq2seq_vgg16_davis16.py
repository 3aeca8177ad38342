# Sec. 5.3, setting 1: DAVIS 2016's 30 training videos. The number of iterations is ours.
_base_ = [
    '../_base_/models/seq2seq_vgg16.py',
    '../_base_/datasets/seq2seq_clips.py',
    '../_base_/datasets/davis2016.py',
    '../_base_/schedules/seq2seq.py',
    '../_base_/long_runtime.py',
]
davis2016_train = dict(
    type='DAVIS2016Dataset',
    data_root={{_base_.davis2016_root}},
    ann_file='ImageSets/480p/train.txt',
    resolution='480p',
)
train_dataloader = dict(dataset=davis2016_train)
train_cfg = dict(max_iters=20_000, val_interval=20_000)
