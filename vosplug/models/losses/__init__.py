"""Losses: masks, boxes, or both; each works outside of vosplug too."""

from .box_background import BoxBackgroundLoss
from .box_projection import BoxProjectionLoss, projection_loss
from .color_pairwise import ColorPairwiseLoss, color_similarity, pairwise_disagreement, rgb_to_lab
from .partially_huberised_ce import PartiallyHuberisedCrossEntropyLoss, partially_huberised_cross_entropy

__all__ = [
    'BoxBackgroundLoss',
    'BoxProjectionLoss',
    'ColorPairwiseLoss',
    'PartiallyHuberisedCrossEntropyLoss',
    'color_similarity',
    'pairwise_disagreement',
    'partially_huberised_cross_entropy',
    'projection_loss',
    'rgb_to_lab',
]
