"""Transforms of training clips, applied jointly to images, masks and boxes."""

from .box_crop import ClipCropToObject, PackBoxClip, PackBoxCrop
from .geometry import (
    ClipRandomAffine,
    ClipRandomCrop,
    ClipRandomFlip,
    ClipRandomResizedCrop,
    ClipResize,
)
from .input_masks import InputMasks, deform_mask
from .loading import LoadClip
from .moving import move_maps, update_boxes
from .packing import PackClip
from .paste_object import PasteObject
from .per_frame import PerFrame
from .start_masks import StartMasks
from .thin_plate_spline import thin_plate_spline

__all__ = [
    'ClipCropToObject',
    'ClipRandomAffine',
    'ClipRandomCrop',
    'ClipRandomFlip',
    'ClipRandomResizedCrop',
    'ClipResize',
    'InputMasks',
    'LoadClip',
    'PackBoxClip',
    'PackBoxCrop',
    'PackClip',
    'PasteObject',
    'PerFrame',
    'StartMasks',
    'deform_mask',
    'move_maps',
    'thin_plate_spline',
    'update_boxes',
]
