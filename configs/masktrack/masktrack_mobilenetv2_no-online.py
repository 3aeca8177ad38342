# Table 1, "No online fine-tuning": the same checkpoint.
_base_ = ['./masktrack_mobilenetv2.py']
model = dict(test_cfg=dict(online=None))
