# Table 2, SingleImage: each frame is segmented on its own.
_base_ = ['./sta_r50.py']
model = dict(
    fusion=None, box_encoder=None, mask_encoder=None, passes=1, decode_head=dict(encoding_channels=16)
)
