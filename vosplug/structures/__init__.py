"""Shared records: video sources, annotations, prompts, samples and results."""

from importlib import import_module
from typing import TYPE_CHECKING

from .annotation import ArrayAnnotation, VideoAnnotation
from .box_crop import BoxCrop
from .box_ops import boxes_of_mask, fill_box, merge_object_masks, single_object
from .clip_fields import ClipField, clip_fields, register_clip_field
from .frame_range import FrameRange
from .frame_result import FrameResult
from .live_source import CameraSource, IteratorSource, LiveSource, StreamSource
from .open_video import VideoLike, open_input, open_video
from .prompts import ObjectPrompt, Prompts
from .reversed_source import ReversedSource
from .video_file import VideoFileSource
from .video_sample import VideoSample
from .video_source import ArraySource, ImageFolderSource, LastFrameSource, SourceView, VideoSource

if TYPE_CHECKING:
    from .dilation import dilate_masks
    from .vos_data_sample import Supervision, VOSDataSample, object_masks, pad_fields, stack_fields

__all__ = [
    'ArrayAnnotation',
    'ArraySource',
    'BoxCrop',
    'CameraSource',
    'ClipField',
    'FrameRange',
    'FrameResult',
    'ImageFolderSource',
    'IteratorSource',
    'LastFrameSource',
    'LiveSource',
    'ObjectPrompt',
    'Prompts',
    'ReversedSource',
    'SourceView',
    'StreamSource',
    'Supervision',
    'VOSDataSample',
    'VideoAnnotation',
    'VideoFileSource',
    'VideoLike',
    'VideoSample',
    'VideoSource',
    'boxes_of_mask',
    'clip_fields',
    'dilate_masks',
    'fill_box',
    'merge_object_masks',
    'object_masks',
    'open_input',
    'open_video',
    'pad_fields',
    'register_clip_field',
    'single_object',
    'stack_fields',
]


# they need torch, which evaluating a folder does not
_WITH_TORCH = dict.fromkeys(
    ('Supervision', 'VOSDataSample', 'object_masks', 'pad_fields', 'stack_fields'), '.vos_data_sample'
) | dict(dilate_masks='.dilation')


def __getattr__(name: str) -> object:
    if name not in _WITH_TORCH:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(_WITH_TORCH[name], __name__), name)
