# Backbone of maskrcnn-benchmark's Mask R-CNN, which Zhao et al. 2021 and Bhat et al. 2020 (LWL) start from.
# MASK_RCNN_WEIGHTS is a file in torchvision's key layout. Theirs is for BGR images; for the RGB ones here,
# reverse the input channels of its first convolution, as lwl_to_vosplug.py does in the authors' checkpoints.
mask_rcnn_colours = dict(mean=(122.7717, 115.9465, 102.9801), std=(1.0, 1.0, 1.0))
mask_rcnn_r50 = dict(
    type='mmseg.ResNet',
    depth=50,
    style='caffe',  # strides are in the 1x1 convolutions
    frozen_stages=4,
    norm_cfg=dict(type='BN', requires_grad=False),
    norm_eval=True,
    init_cfg=dict(type='Pretrained', checkpoint='{{$MASK_RCNN_WEIGHTS:checkpoints/mask_rcnn_r50.pth}}'),
)
