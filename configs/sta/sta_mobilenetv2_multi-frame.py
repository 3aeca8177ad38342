# Table 2, MultiFrame: the decoder sees only the fused encoding s.
_base_ = ['./sta_mobilenetv2.py']
model = dict(frame_encoder=None, mask_encoder=None, passes=1, decode_head=dict(encoding_channels=16))
