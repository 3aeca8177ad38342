# Table 1, "No input": a salient object segmenter that online fine-tuning adapts to the object. It starts from
# ImageNet weights, since the other configs start from weights with a box channel.
_base_ = ['./masktrack_mobilenetv2.py']
model = dict(guidance='none', network=dict(init_cfg=None, backbone=dict(in_channels=3)))
