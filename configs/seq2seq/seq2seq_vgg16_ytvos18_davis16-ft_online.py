# Table 3, DAVIS 2016 with online learning.
_base_ = ['./seq2seq_vgg16_ytvos18_davis16-ft.py', '../_base_/schedules/seq2seq_online.py']
model = dict(test_cfg=dict(online={{_base_.seq2seq_online}}))
