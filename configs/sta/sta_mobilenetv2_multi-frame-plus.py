# Table 2, MultiFrame+: no refinement.
_base_ = ['./sta_mobilenetv2.py']
model = dict(mask_encoder=None, passes=1)
