# Box losses of Skogh 2024, Sec. 3.2 and 3.3. The thesis gives no weights, temperature,
# thresholds or stride: those are the numbers of Tian et al. 2021 (BoxInst) and Ke et al. 2023 (MaskFreeVIS).
projection = dict(
    type='BoxProjectionLoss',
    reduce='column',  # Sec. 3.2.1: "one large image", B N T H x W
    dice='smooth',  # eq. 3.11
)
pairwise = dict(
    type='ColorPairwiseLoss',
    kernel_size=3,  # Fig. 3.5
    dilation=2,
    threshold=0.3,
    average='pixels',  # eq. 3.16 and 3.17
)
temporal = dict(
    type='TemporalPatchConsistencyLoss',
    patch_size=3,  # Fig. 3.6: N = 3, M = 5, a disjoint search
    search_size=5,
    search_dilation=3,
    top_k=None,  # eq. 3.18: every patch that reaches the threshold
    threshold=0.05,
    pairs='cyclic',  # eq. 3.19
    consistency='patch',  # eq. 3.18
    average='pixels',  # eq. 3.18 to 3.20
    detach=True,  # eq. 3.22
    loss_weight=0.1,
)
# Sec. 4.3: linear warm-up over 10k iterations
pairwise_ramp = dict(type='LossRampHook', loss='loss_pairwise', end=1.0, until=10_000)
temporal_ramp = dict(type='LossRampHook', loss='loss_temporal', end=0.1, until=10_000)

# Alternatives described in the thesis, for the ablations of configs/xmem_box
object_projection = dict(projection, reduce='object')  # eq. 3.12; Fig. 3.3, left
grid_projection = dict(projection, reduce='grid')  # Fig. 3.3, right
merged_projection = dict(projection, merge_objects=True)  # Sec. 3.2.1
plain_temporal = dict(temporal, detach=False)  # eq. 3.21
consecutive_temporal = dict(temporal, pairs='consecutive')  # Sec. 3.3: without the cycle
# The losses as in the published code of BoxInst and MaskFreeVIS
published_projection = dict(type='BoxProjectionLoss', reduce='object', dice='squared')
published_pairwise = dict(pairwise, average='matches')
published_temporal = dict(
    temporal, search_size=3, top_k=5, consistency='center', average='matches', detach=False
)
