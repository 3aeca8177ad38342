"""Losses: masks, boxes, or both; each works outside of vosplug too."""

from .box_background import BoxBackgroundLoss
from .box_projection import BoxProjectionLoss, projection_loss
from .color_pairwise import ColorPairwiseLoss, color_similarity, pairwise_disagreement, rgb_to_lab

__all__ = [
    'BoxBackgroundLoss',
    'BoxProjectionLoss',
    'ColorPairwiseLoss',
    'color_similarity',
    'pairwise_disagreement',
    'projection_loss',
    'rgb_to_lab',
]
