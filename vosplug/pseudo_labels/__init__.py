"""Pseudo-labels: datasets of masks made from boxes, with quality reports."""

from .box_files import read_box_videos
from .box_video import BoxTrack, BoxVideo, why_unusable
from .composition import Composer, Label, Rules, read_listed
from .factory import LabelFactory, shard
from .labeller import Labeller, ObjectMask, build_labeller
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
    'build_labeller',
    'read_box_videos',
    'read_listed',
    'score_labels',
    'shard',
    'why_unusable',
    'write_quality',
]
