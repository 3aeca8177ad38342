# Table 1, "No input": a salient object segmenter, which online fine-tuning turns to the object.
_base_ = ['./masktrack_mobilenetv2.py']
model = dict(guidance='none', network=dict(backbone=dict(in_channels=3)))
