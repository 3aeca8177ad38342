# Starts from the backbone of a model that comes with vosplug (for non-commercial use only), or from the
# ImageNet weights that MOBILENETV2_WEIGHTS names.
_base_ = [
    '../_base_/models/stm_mobilenetv2.py',
    '../_base_/datasets/video_folder.py',
    '../_base_/schedules/adamw_500.py',
    '../_base_/default_runtime.py',
]
imagenet_weights = '{{$MOBILENETV2_WEIGHTS:zoo://xmem-tiny-box/backbone}}'
model = dict(backbone=dict(init_cfg=dict(checkpoint=imagenet_weights)))
