# MaskTrack with online fine-tuning on two CPU cores.
_base_ = ['./masktrack_mobilenetv2.py', '../datasets/masktrack_steps_240p.py']
model = dict(test_cfg=dict(online={{_base_.online}}))
