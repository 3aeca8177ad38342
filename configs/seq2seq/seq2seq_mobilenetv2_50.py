# 50% of the training videos, seen as often as all of them.
_base_ = ['./seq2seq_mobilenetv2.py']
train_dataloader = dict(dataset=dict(share=0.5))
