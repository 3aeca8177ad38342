# LWL (Bhat et al. 2020), with its authors' published inference settings;
# tools/model_converters/lwl_to_vosplug.py converts their checkpoint.
_base_ = ['../backbones/mask_rcnn_r50.py']
model = dict(
    type='LWL',
    data_preprocessor=dict(type='VOSDataPreprocessor', **_base_.mask_rcnn_colours),
    backbone={{_base_.mask_rcnn_r50}},
    key_projection=dict(type='FilterFeatures', in_channels=1024, channels=512),
    value_encoder=dict(type='MaskLabelEncoder'),
    decode_head=dict(
        type='LWLDecodeHead', loss_mask=[], loss_object=[dict(type='ObjectLovaszLoss')], loss_box=[]
    ),
    test_cfg=dict(short_side=480),
)
