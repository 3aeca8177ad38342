# Table 2, MaskTrack_Box on YouTube-Objects.
_base_ = [
    '../_base_/models/masktrack_vgg16_box.py',
    '../_base_/datasets/youtube_objects.py',
    '../_base_/default_runtime.py',
]
test_dataloader = dict(dataset=dict(prompt='box'))
