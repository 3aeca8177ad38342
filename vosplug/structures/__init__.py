"""What flows through the house: sources, prompts, samples and results."""

from .annotation import ArrayAnnotation, VideoAnnotation
from .box_ops import boxes_of_mask, fill_box, merge_object_masks
from .frame_result import FrameResult
from .prompts import ObjectPrompt, Prompts
from .video_sample import VideoSample
from .video_source import ArraySource, ImageFolderSource, VideoFileSource, VideoSource, open_video
from .vos_data_sample import Supervision, VOSDataSample

__all__ = [
    'ArrayAnnotation',
    'ArraySource',
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
]
