"""Configs of models small enough for tests of seconds."""

GROUP_NORM = dict(type='GN', num_groups=4, requires_grad=True)


def resnet(stages: int, **kwargs) -> dict:
    return dict(
        type='mmseg.ResNet',
        depth=18,
        stem_channels=8,
        base_channels=8,
        num_stages=stages,
        strides=(1, 2, 2)[:stages],
        dilations=(1,) * stages,
        norm_cfg=GROUP_NORM,
        **kwargs,
    )


def small_stm() -> dict:
    """Config of a space-time memory network of width 8."""
    return dict(
        type='STM',
        backbone=resnet(3, out_indices=(0, 1, 2)),
        neck=dict(type='TopDownNeck', in_channels=[8, 16, 32], out_channels=[8, 8]),
        key_projection=dict(type='CosineKeyProjection', in_channels=[16, 32], out_channels=8),
        value_encoder=dict(
            type='MaskValueEncoder',
            backbone=resnet(2, in_channels=5, out_indices=(1,)),
            backbone_channels=16,
            key_channels=8,
            out_channels=8,
        ),
        decode_head=dict(
            type='SpaceTimeDecodeHead',
            value_channels=8,
            feature_channels=(8, 8),
            channels=8,
            loss_box=[
                dict(type='BoxProjectionLoss'),
                dict(type='BoxBackgroundLoss'),
                dict(type='ColorPairwiseLoss', stride=2),
            ],
        ),
        memory=dict(mem_every=5, max_frames=2, top_k=16),
    )


def small_original_stm() -> dict:
    """Config of the original space-time memory network, of width 8: every object has keys of its own."""
    return dict(
        type='STM',
        data_preprocessor=dict(type='VOSDataPreprocessor', pad_colour='black'),
        backbone=resnet(3, out_indices=(0, 1, 2)),
        key_projection=dict(type='ConvKeyProjection', in_channels=32, out_channels=8),
        value_encoder=dict(
            type='KeyValueEncoder',
            backbone=resnet(3, in_channels=5, out_indices=(2,)),
            backbone_channels=32,
            key_channels=8,
            out_channels=8,
        ),
        decode_head=dict(
            type='RefinementDecodeHead', value_channels=8, feature_channels=(8, 16, 32), channels=8
        ),
        memory=dict(mem_every=5, max_frames=2, similarity='dot'),
    )


def small_mask_track(**changes) -> dict:
    """Config of a MaskTrack with DeepLab's VGG16, 1/16 as wide."""
    return (
        dict(
            type='MaskTrack',
            data_preprocessor=dict(type='VOSDataPreprocessor', size_divisor=8),
            network=dict(
                type='mmseg.EncoderDecoder',
                backbone=dict(type='vosplug.DeepLabVGG16', in_channels=4, width=8, extra_std=0.1),
                decode_head=dict(
                    type='vosplug.DeepLabV2Head',
                    in_channels=64,
                    channels=16,
                    dilations=(1, 2),
                    num_classes=2,
                    out_channels=2,
                ),
            ),
            dilation=1,
            test_cfg=dict(aggregation=dict(type='MaxScoreAggregation')),
        )
        | changes
    )


def small_seq2seq(**changes) -> dict:
    """Config of a Seq2Seq of width 8."""
    return (
        dict(
            type='Seq2Seq',
            data_preprocessor=dict(type='VOSDataPreprocessor', size_divisor=16),
            backbone=resnet(3, out_indices=(2,)),
            start_backbone=resnet(3, in_channels=4, out_indices=(2,)),
            in_channels=32,
            channels=8,
            memory=dict(type='ConvLSTM', in_channels=8, channels=8),
            decode_head=dict(
                type='UpsamplingDecodeHead',
                in_channels=8,
                channels=(8, 8, 4, 4),
                loss_mask=(),
                loss_object=[dict(type='ObjectBinaryCrossEntropyLoss')],
            ),
        )
        | changes
    )


def small_xmem() -> dict:
    """Config of an XMem of width 8."""
    return dict(
        type='XMem',
        backbone=resnet(3, out_indices=(0, 1, 2)),
        key_projection=dict(type='AnisotropicKeyProjection', in_channels=32, out_channels=8),
        value_encoder=dict(
            type='FusionValueEncoder',
            backbone=resnet(3, in_channels=5, out_indices=(2,)),
            backbone_channels=32,
            key_channels=32,
            out_channels=8,
            sensory_channels=4,
        ),
        decode_head=dict(
            type='SensoryDecodeHead',
            value_channels=8,
            sensory_channels=4,
            feature_channels=(8, 16, 32),
            channels=(8, 8, 8),
            update_channels=8,
            loss_mask=[dict(type='BootstrappedCrossEntropyLoss')],
            loss_object=[dict(type='ObjectDiceLoss')],
            loss_box=[dict(type='BoxProjectionLoss'), dict(type='ColorPairwiseLoss', stride=2)],
        ),
        memory=dict(
            mem_every=2,
            min_mid_term_frames=2,
            max_mid_term_frames=3,
            num_prototypes=4,
            max_long_term_elements=12,
            top_k=8,
        ),
    )


def small_sta_net(**options) -> dict:
    """Config of a box-to-mask network over several frames, of width 8."""
    encoder = dict(type='BoxLabelEncoder', feature_channels=16, channels=(4, 4, 8, 8))
    config = dict(
        type='STANet',
        backbone=resnet(3, out_indices=(0, 1, 2)),
        crop=dict(size=(32, 48), factor=3),
        features=dict(type='FilterFeatures', in_channels=32, channels=16),
        box_encoder=encoder,
        frame_encoder=encoder,
        fusion=dict(type='FilterFusion', steps=2),
        mask_encoder=dict(type='MaskLabelEncoder', channels=(4, 4, 8, 8)),
        decode_head=dict(
            type='LWLDecodeHead',
            in_channels=(8, 16, 32),
            encoding_channels=16,
            channels=(8, 8, 8),
            loss_mask=[],
            loss_object=[dict(type='ObjectLovaszLoss')],
            loss_box=[],
        ),
    )
    head = config['decode_head'] | options.pop('decode_head', {})
    return config | dict(decode_head=head) | options


def small_lwl_box(**changes) -> dict:
    """Config of an LWL that starts from boxes."""
    encoder = dict(type='BoxFeatureEncoder', feature_channels=16, channels=(8, 8))
    return small_lwl(type='LWLBox', box_label_encoder=encoder) | changes


def small_lwl(**changes) -> dict:
    """Config of an LWL of width 8."""
    return (
        dict(
            type='LWL',
            backbone=resnet(3, out_indices=(0, 1, 2)),
            key_projection=dict(type='FilterFeatures', in_channels=32, channels=16),
            value_encoder=dict(type='MaskLabelEncoder', channels=(4, 8, 8, 8)),
            memory=dict(max_frames=2, steps=(3, 1), test_steps=(4, 1)),
            decode_head=dict(
                type='LWLDecodeHead',
                in_channels=(8, 16, 32),
                encoding_channels=8,
                channels=(8, 8, 8),
                loss_mask=[],
                loss_object=[dict(type='ObjectLovaszLoss')],
            ),
        )
        | changes
    )
