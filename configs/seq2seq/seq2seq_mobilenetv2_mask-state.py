# The mask itself is the first state.
_base_ = ['./seq2seq_mobilenetv2.py']
model = dict(start_backbone=None)
