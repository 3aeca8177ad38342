"""Losses: masks, boxes, or both; each works outside of vosplug too."""

from .bootstrapped_ce import BootstrappedCrossEntropyLoss, hardest_mean
from .box_background import BoxBackgroundLoss
from .box_projection import BoxProjectionLoss, joint_projection_loss, projection_loss, squared_dice
from .box_tightness import BoxTightnessMILLoss, tightness_loss
from .color_pairwise import ColorPairwiseLoss, rgb_to_lab
from .object_dice import ObjectDiceLoss, soft_dice
from .partially_huberised_ce import PartiallyHuberisedCrossEntropyLoss, partially_huberised_cross_entropy
from .pixel_pairs import label_disagreement
from .temporal_patch import (
    TemporalPatchConsistencyLoss,
    frame_pairs,
    patch_similarity,
    similar_patches,
)

__all__ = [
    'BootstrappedCrossEntropyLoss',
    'BoxBackgroundLoss',
    'BoxProjectionLoss',
    'BoxTightnessMILLoss',
    'ColorPairwiseLoss',
    'ObjectDiceLoss',
    'PartiallyHuberisedCrossEntropyLoss',
    'TemporalPatchConsistencyLoss',
    'frame_pairs',
    'hardest_mean',
    'joint_projection_loss',
    'label_disagreement',
    'partially_huberised_cross_entropy',
    'patch_similarity',
    'projection_loss',
    'rgb_to_lab',
    'similar_patches',
    'soft_dice',
    'squared_dice',
    'tightness_loss',
]
