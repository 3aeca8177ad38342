"""What flows through the house: sources, prompts, samples and results."""

from importlib import import_module

from .annotation import ArrayAnnotation, VideoAnnotation
from .box_crop import BoxCrop
from .box_ops import boxes_of_mask, fill_box, merge_object_masks, single_object
from .frame_result import FrameResult
from .prompts import ObjectPrompt, Prompts
from .video_sample import VideoSample
from .video_source import ArraySource, ImageFolderSource, VideoFileSource, VideoSource, open_video

__all__ = [
    'ArrayAnnotation',
    'ArraySource',
    'BoxCrop',
    'FrameResult',
    'ImageFolderSource',
    'ObjectPrompt',
    'Prompts',
    'Supervision',
    'VOSDataSample',
    'VideoAnnotation',
    'VideoFileSource',
    'VideoSample',
    'VideoSource',
    'boxes_of_mask',
    'fill_box',
    'merge_object_masks',
    'open_video',
    'single_object',
]


def __getattr__(name: str) -> object:
    # they need torch, which evaluating a folder does not
    if name not in ('Supervision', 'VOSDataSample'):
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module('.vos_data_sample', __name__), name)
