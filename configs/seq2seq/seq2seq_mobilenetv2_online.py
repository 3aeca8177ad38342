# The same with online learning, for the weights of seq2seq_mobilenetv2.py.
_base_ = ['./seq2seq_mobilenetv2.py', '../_base_/schedules/seq2seq_online_small.py']
model = dict(test_cfg=dict(online={{_base_.seq2seq_online}}))
