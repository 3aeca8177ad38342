"""A backbone, a loss and a dataset that live outside of vosplug; importing this registers them."""

from .backbone import PlainBackbone
from .dataset import MovingSquares
from .loss import GeneralisedCrossEntropyLoss

__all__ = ['GeneralisedCrossEntropyLoss', 'MovingSquares', 'PlainBackbone']
