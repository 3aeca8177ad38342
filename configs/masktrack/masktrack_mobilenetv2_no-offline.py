# Table 1, "No offline training": ImageNet weights are fine-tuned online; tested with --untrained.
_base_ = ['./masktrack_mobilenetv2.py']
model = dict(network=dict(init_cfg=None))
