"""Losses of pixels, objects and boxes; ``protocols`` has their contracts. Each works outside of vosplug."""

from .bootstrapped_ce import BootstrappedCrossEntropyLoss, top_p_mean
from .box_background import BoxBackgroundLoss
from .box_masks import boxes_to_masks, weighted_mean
from .box_projection import (
    BoxProjectionLoss,
    joint_projection_loss,
    projection_loss,
    smooth_dice,
    squared_dice,
)
from .box_tightness import BoxTightnessMILLoss, tightness_loss
from .color_pairwise import ColorPairwiseLoss, rgb_to_lab
from .dense_crf_loss import DenseCRFLoss, cut_energy
from .object_bce import ObjectBinaryCrossEntropyLoss
from .object_dice import ObjectDiceLoss, soft_dice
from .object_lovasz import ObjectLovaszLoss
from .partially_huberised_ce import PartiallyHuberisedCrossEntropyLoss, partially_huberised_cross_entropy
from .pixel_pairs import label_disagreement
from .protocols import BoxLoss, ObjectLoss, PixelLoss
from .soft_jaccard import SoftJaccardLoss, soft_jaccard
from .temporal_patch import (
    TemporalPatchConsistencyLoss,
    frame_pairs,
    patch_similarity,
    similar_patches,
)

__all__ = [
    'BootstrappedCrossEntropyLoss',
    'BoxBackgroundLoss',
    'BoxLoss',
    'BoxProjectionLoss',
    'BoxTightnessMILLoss',
    'ColorPairwiseLoss',
    'DenseCRFLoss',
    'ObjectBinaryCrossEntropyLoss',
    'ObjectDiceLoss',
    'ObjectLoss',
    'ObjectLovaszLoss',
    'PartiallyHuberisedCrossEntropyLoss',
    'PixelLoss',
    'SoftJaccardLoss',
    'TemporalPatchConsistencyLoss',
    'boxes_to_masks',
    'cut_energy',
    'frame_pairs',
    'joint_projection_loss',
    'label_disagreement',
    'partially_huberised_cross_entropy',
    'patch_similarity',
    'projection_loss',
    'rgb_to_lab',
    'similar_patches',
    'smooth_dice',
    'soft_dice',
    'soft_jaccard',
    'squared_dice',
    'tightness_loss',
    'top_p_mean',
    'weighted_mean',
]
