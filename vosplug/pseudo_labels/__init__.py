"""Pseudo-labels: datasets of masks made from boxes, with quality reports."""

from .box_files import read_box_videos
from .box_video import BoxTrack, BoxVideo, why_unusable
from .composition import Composer, Label, Rules, read_listed
from .decisions import Decision, DecisionStore, StaleRevisionError, VideoDecisions, mask_decision
from .factory import LabelFactory, local
from .labeller import Labeller, ObjectMask, build_labeller
from .manifest_parquet import manifest_numbers
from .manual_masks import ManualMasks
from .quality import score_labels, write_numbers, write_quality
from .ray_executor import RayExecutor
from .recipe import Recipe, read_recipe
from .run_lock import InUseError, RunLock
from .sharding import Plan, Shard

__all__ = [
    'BoxTrack',
    'BoxVideo',
    'Composer',
    'Decision',
    'DecisionStore',
    'Label',
    'InUseError',
    'LabelFactory',
    'Labeller',
    'ManualMasks',
    'ObjectMask',
    'Plan',
    'RayExecutor',
    'Recipe',
    'Rules',
    'RunLock',
    'Shard',
    'StaleRevisionError',
    'VideoDecisions',
    'build_labeller',
    'local',
    'manifest_numbers',
    'mask_decision',
    'read_box_videos',
    'read_listed',
    'read_recipe',
    'score_labels',
    'why_unusable',
    'write_numbers',
    'write_quality',
]
