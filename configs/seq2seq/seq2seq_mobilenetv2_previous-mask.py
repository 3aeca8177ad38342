# The Encoder also takes the previous frame's mask.
_base_ = [
    '../_base_/models/seq2seq_mobilenetv2_previous-mask.py',
    '../_base_/datasets/seq2seq_clips_small.py',
    '../_base_/schedules/adamw_1000.py',
    '../_base_/default_runtime.py',
]
custom_hooks = [{{_base_.curriculum}}]
