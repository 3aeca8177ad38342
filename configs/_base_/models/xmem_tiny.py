# An XMem that trains from scratch in minutes on a CPU, 0.5 M parameters: the backbones and box losses of the
# small space-time memory network, also with keys at stride 8.
_base_ = ['./stm_tiny.py']
model = dict(
    type='XMem',
    key_projection=dict(type='CosineAnisotropicKeyProjection'),
    value_encoder=dict(type='FusionValueEncoder', sensory_channels=16, mask_channel=True),
    decode_head=dict(
        type='SensoryDecodeHead',
        sensory_channels=16,
        channels=(32, 32),
        update_channels=32,
        propagate=True,
        loss_mask=[dict(type='BootstrappedCrossEntropyLoss')],
        loss_object=[dict(type='ObjectDiceLoss')],
    ),
    memory=dict(
        _delete_=True,
        mem_every=5,
        enable_long_term=True,
        min_mid_term_frames=2,
        max_mid_term_frames=5,
        num_prototypes=64,
        max_long_term_elements=1024,
        top_k=32,
    ),
)
