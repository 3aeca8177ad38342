# Box to mask over several frames (Zhao et al. 2021, MultiFrameIterative). The backbone is frozen.
_base_ = ['../backbones/mask_rcnn_r50.py']
model = dict(
    type='STANet',
    init_cfg=dict(type='Kaiming', layer='Conv2d', mode='fan_in'),  # Sec. 3.4: He et al. 2015
    data_preprocessor=dict(type='BoxCropPreprocessor', **_base_.mask_rcnn_colours),
    backbone={{_base_.mask_rcnn_r50}},
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
