"""Datasets: raw videos, clip sampling and transforms are three separate things."""

from .base_video_dataset import BaseVideoDataset, VideoRecord
from .clip_sampler import ClipSampler
from .davis import DAVIS2016Dataset, DAVIS2017Dataset
from .folder import VideoFolderDataset
from .synthetic import SyntheticVOS
from .ytvis import YTVISDataset

__all__ = [
    'BaseVideoDataset',
    'ClipSampler',
    'DAVIS2016Dataset',
    'DAVIS2017Dataset',
    'SyntheticVOS',
    'VideoFolderDataset',
    'VideoRecord',
    'YTVISDataset',
]
