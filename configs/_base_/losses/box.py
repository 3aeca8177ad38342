# Losses of boxes in Skogh 2024, Sec. 3.2 and 3.3. The thesis gives neither weights nor windows: they are
# those of Tian et al. 2021 (BoxInst) and Ke et al. 2023 (MaskFreeVIS), on which it builds.
projection = dict(type='BoxProjectionLoss', reduce='batch')
pairwise = dict(type='ColorPairwiseLoss', kernel_size=3, dilation=2, threshold=0.3)
temporal = dict(
    type='TemporalPatchConsistencyLoss',
    patch_size=3,
    search_size=3,
    search_dilation=3,
    top_k=5,
    threshold=0.05,
    loss_weight=0.1,
)
# Sec. 4.3: linear warm-up over 10k iterations
pairwise_ramp = dict(type='LossRampHook', loss='loss_pairwise', end=1.0, until=10_000)
temporal_ramp = dict(type='LossRampHook', loss='loss_temporal', end=0.1, until=10_000)
