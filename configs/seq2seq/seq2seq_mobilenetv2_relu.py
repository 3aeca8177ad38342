# ReLU as the activation of states, as in the paper.
_base_ = ['./seq2seq_mobilenetv2.py']
model = dict(memory=dict(activation='relu'))
