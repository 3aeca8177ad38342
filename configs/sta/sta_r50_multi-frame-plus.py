# Table 2, MultiFrame+: no refinement.
_base_ = ['./sta_r50.py']
model = dict(mask_encoder=None, passes=1)
