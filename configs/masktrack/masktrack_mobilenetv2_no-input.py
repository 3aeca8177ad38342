# Table 1, "No input": a salient object segmenter, which online fine-tuning turns to the object. It
# starts from ImageNet weights, since what the others start from sees a box.
_base_ = ['./masktrack_mobilenetv2.py']
model = dict(guidance='none', network=dict(init_cfg=None, backbone=dict(in_channels=3)))
