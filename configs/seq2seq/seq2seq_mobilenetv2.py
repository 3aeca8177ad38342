# Setting 1, small: Initializer, Encoder, ConvLSTM and Decoder trained on DAVIS 2016's training videos alone.
_base_ = [
    '../_base_/models/seq2seq_mobilenetv2.py',
    '../_base_/datasets/seq2seq_clips_small.py',
    '../_base_/schedules/adamw_1000.py',
    '../_base_/default_runtime.py',
]
