# Box to mask over several frames (Zhao et al. 2021, MultiFrameIterative). The paper's backbone is that of
# maskrcnn-benchmark's Mask R-CNN, kept as it is; MASK_RCNN_WEIGHTS is a file in torchvision's key layout.
model = dict(
    type='STANet',
    init_cfg=dict(type='Kaiming', layer='Conv2d', mode='fan_in'),  # Sec. 3.4: He et al. 2015
    # Mask R-CNN's images are not divided by a deviation
    data_preprocessor=dict(type='BoxCropPreprocessor', mean=(122.7717, 115.9465, 102.9801), std=(1, 1, 1)),
    backbone=dict(
        type='mmseg.ResNet',
        depth=50,
        style='caffe',  # strides are in the 1x1 convolutions
        frozen_stages=4,
        norm_cfg=dict(type='BN', requires_grad=False),
        norm_eval=True,
        init_cfg=dict(type='Pretrained', checkpoint='{{$MASK_RCNN_WEIGHTS:checkpoints/mask_rcnn_r50.pth}}'),
    ),
    crop=dict(size=(480, 832), factor=5),  # Sec. 3.4
    features=dict(type='FilterFeatures', in_channels=1024, channels=512),
    box_encoder=dict(type='BoxLabelEncoder', feature_channels=512),
    frame_encoder=dict(type='BoxLabelEncoder', feature_channels=512),
    fusion=dict(type='FilterFusion'),
    mask_encoder=dict(type='MaskLabelEncoder'),
    decode_head=dict(
        type='LWLDecodeHead',
        encoding_channels=32,  # of the frame encoder and of the fusion
        loss_mask=[],
        loss_object=[dict(type='ObjectLovaszLoss')],
        loss_box=[],
    ),
)
