"""The inference contract: one frame in, one result out, for every method and external tracker."""

from .adaptation import adapted_copy, augmented_samples, sample_pool, seeded, still_clip
from .both_ways import both_ways
from .online import OnlineAdapter
from .prompt_masks import PromptMask
from .records import Frame, Geometry, VideoInfo
from .segmentor import StreamingSegmentor
from .session import Session
from .view import View

__all__ = [
    'Frame',
    'Geometry',
    'OnlineAdapter',
    'PromptMask',
    'Session',
    'StreamingSegmentor',
    'VideoInfo',
    'View',
    'adapted_copy',
    'augmented_samples',
    'both_ways',
    'sample_pool',
    'seeded',
    'still_clip',
]
