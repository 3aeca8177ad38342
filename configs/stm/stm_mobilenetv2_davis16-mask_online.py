# The same with online adaptation, for the weights of stm_mobilenetv2_davis16-mask.py.
_base_ = ['./stm_mobilenetv2_davis16-mask.py', '../_base_/schedules/online_small.py']
model = dict(test_cfg=dict(online={{_base_.online}}))
