# Table 4, 75% of the training videos, seen as often as all of them.
_base_ = ['./seq2seq_vgg16_ytvos18.py']
train_dataloader = dict(dataset=dict(share=0.75))
