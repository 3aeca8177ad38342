# Table 2, "Ours (with OL)".
_base_ = ['./seq2seq_vgg16_ytvos18.py', '../_base_/schedules/seq2seq_online.py']
model = dict(test_cfg=dict(online={{_base_.seq2seq_online}}))
