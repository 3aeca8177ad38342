"""Boxes into masks, and masks into a dataset whose quality is known."""

from .box_files import read_box_videos
from .box_video import BoxTrack, BoxVideo, why_unusable
from .composition import Composer, Label, Rules, read_listed
from .factory import LabelFactory, share_of
from .labeller import Labeller, ObjectMask
from .manual_masks import ManualMasks
from .quality import score_labels, write_quality

__all__ = [
    'BoxTrack',
    'BoxVideo',
    'Composer',
    'Label',
    'LabelFactory',
    'Labeller',
    'ManualMasks',
    'ObjectMask',
    'Rules',
    'read_box_videos',
    'read_listed',
    'score_labels',
    'share_of',
    'why_unusable',
    'write_quality',
]
