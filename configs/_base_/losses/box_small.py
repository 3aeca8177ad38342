# Box losses for small networks at 240p, as used for the results in the READMEs: averages and dice are those
# of BoxInst's and MaskFreeVIS' published code, not those of Skogh 2024 (box.py). Stride 2, since frames have
# half the size.
#
# For XMem and 100 iterations from keys that already match: a low weight of the projection loss, since parts
# thinner than a cell of the keys can reach their box only by growing everywhere. Higher weights and more
# pairs for the other two: on DAVIS 2016, matches between frames are as often correct above a similarity of
# 0.005 as above 0.05, and there are twice as many.
projection = dict(type='BoxProjectionLoss', reduce='batch', dice='squared', loss_weight=0.1)
pairwise = dict(
    type='ColorPairwiseLoss', kernel_size=3, dilation=2, threshold=0.1, stride=2, average='matches'
)
temporal = dict(
    type='TemporalPatchConsistencyLoss',
    patch_size=3,
    search_size=3,
    search_dilation=3,
    top_k=5,
    threshold=0.005,
    stride=2,
    average='matches',
    loss_weight=1.0,
)
pairwise_ramp = dict(type='LossRampHook', loss='loss_pairwise', end=1.0, until=10)
temporal_ramp = dict(type='LossRampHook', loss='loss_temporal', end=1.0, until=10)
# if still images with masks are mixed in, the projection loss may have a higher weight
projection_beside_masks = dict(projection, loss_weight=0.2)

# For STM: BoxInst's weights, higher for the pairwise loss, since generated objects have few colours
object_projection = dict(type='BoxProjectionLoss', reduce='object', dice='squared')
background = dict(type='BoxBackgroundLoss')
boxinst_pairwise = dict(
    type='ColorPairwiseLoss', kernel_size=3, dilation=2, threshold=0.3, stride=2, average='matches'
)
synthetic_pairwise = dict(boxinst_pairwise, loss_weight=3.0)
# Zhao et al. 2021, Table 4, "MIL"
tightness = dict(type='BoxTightnessMILLoss')
