"""Video datasets, clip sampling and clip transforms."""

from .base_video_dataset import BaseVideoDataset
from .clip_sampler import ClipSampler
from .coco_images import COCOImageDataset
from .davis import DAVIS2016Dataset, DAVIS2017Dataset
from .folder import VideoFolderDataset
from .frame_folders import FrameFolderDataset
from .long_video import LongVideoDataset
from .mixture import MixtureDataset, MixtureSampler
from .segtrack_v2 import SegTrackV2Dataset
from .static_images import StaticImageDataset
from .synthetic import SyntheticVOS
from .tao_vos import TAOVOSDataset
from .tracking_benchmarks import GOT10kDataset, LaSOTDataset, TrackingBenchmark, TrackingNetDataset
from .video_record import VideoRecord
from .video_sampler import VideoSampler
from .vot2020 import VOT2020Dataset
from .youtube_objects import YouTubeObjectsDataset
from .youtube_vos import YouTubeVOSDataset
from .ytvis import YTVISDataset

__all__ = [
    'BaseVideoDataset',
    'COCOImageDataset',
    'ClipSampler',
    'DAVIS2016Dataset',
    'DAVIS2017Dataset',
    'FrameFolderDataset',
    'GOT10kDataset',
    'LaSOTDataset',
    'LongVideoDataset',
    'MixtureDataset',
    'MixtureSampler',
    'SegTrackV2Dataset',
    'StaticImageDataset',
    'SyntheticVOS',
    'TAOVOSDataset',
    'TrackingBenchmark',
    'TrackingNetDataset',
    'VOT2020Dataset',
    'VideoFolderDataset',
    'VideoRecord',
    'VideoSampler',
    'YTVISDataset',
    'YouTubeObjectsDataset',
    'YouTubeVOSDataset',
]
