"""The two native annotation formats: indexed PNG folders and YouTube-VIS JSON."""

from ...structures.mask_folder import MaskFolderAnnotation, read_grey_mask, read_id_mask, write_id_mask
from .ytvis_json import YTVISAnnotation, YTVISFile, read_json

__all__ = [
    'MaskFolderAnnotation',
    'YTVISAnnotation',
    'YTVISFile',
    'read_grey_mask',
    'read_id_mask',
    'read_json',
    'write_id_mask',
]
