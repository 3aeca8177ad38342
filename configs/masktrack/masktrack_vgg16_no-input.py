# Table 1, "No input": a salient object segmenter that online fine-tuning adapts to the object.
_base_ = ['./masktrack_vgg16.py']
model = dict(guidance='none', network=dict(backbone=dict(in_channels=3)))
