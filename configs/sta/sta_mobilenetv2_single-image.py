# Table 2, SingleImage: each frame says for itself what is in its box.
_base_ = ['./sta_mobilenetv2.py']
model = dict(
    fusion=None, box_encoder=None, mask_encoder=None, passes=1, decode_head=dict(encoding_channels=16)
)
