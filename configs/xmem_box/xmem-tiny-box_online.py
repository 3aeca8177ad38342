# xmem-tiny-box, adapted to the prompted frames of every video before it tracks their objects.
_base_ = ['./xmem-tiny-box.py', '../_base_/schedules/online_small.py']
model = dict(test_cfg=dict(online={{_base_.online}}))
