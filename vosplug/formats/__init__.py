"""Readers and writers of annotation files; on NumPy arrays, without torch and mmengine."""

from .grey_masks import GreyMaskAnnotation
from .mask_folder import MaskFolderAnnotation, read_grey_mask, read_id_mask, write_id_mask
from .text_file import read_json
from .ytvis_json import YTVISAnnotation, YTVISFile

__all__ = [
    'GreyMaskAnnotation',
    'MaskFolderAnnotation',
    'YTVISAnnotation',
    'YTVISFile',
    'read_grey_mask',
    'read_id_mask',
    'read_json',
    'write_id_mask',
]
