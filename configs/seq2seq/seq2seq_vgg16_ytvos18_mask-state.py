# Sec. 5.4, "Initializer variants": the mask itself is the first state.
_base_ = ['./seq2seq_vgg16_ytvos18.py']
model = dict(start_backbone=None)
