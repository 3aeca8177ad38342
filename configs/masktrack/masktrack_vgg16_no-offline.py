# Table 1, "No offline training": ImageNet weights are fine-tuned online; tested with --untrained.
_base_ = ['./masktrack_vgg16.py']
