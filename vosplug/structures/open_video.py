"""What is taken for a video."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..files import is_dir, is_file
from .video_file import VIDEO_SUFFIXES, VideoFileSource
from .video_source import ArraySource, ImageFolderSource, VideoSource

# what is taken for a video: a source, a folder, a video file, or BGR arrays
VideoLike = VideoSource | str | Path | Sequence[np.ndarray]


def open_video(source: VideoLike) -> VideoSource:
    """Open a folder, a video file or a list of BGR arrays as a source; a source is returned as is.

    Raises:
        VideoError: it does not exist, has no frames, or is nothing of these.
    """
    if isinstance(source, VideoSource):
        return source
    if not isinstance(source, (str, Path)):
        return ArraySource(source)
    if os.path.isdir(source):
        return ImageFolderSource(source)
    return VideoFileSource(source)


def find_video(root: str | Path, name: str) -> Path | None:
    """A video in a folder of videos by its name: a folder of images or a video file; None without one."""
    root = Path(root)
    candidates = [root / name, *(root / f'{name}{suffix}' for suffix in VIDEO_SUFFIXES)]
    return next((path for path in candidates if is_dir(path) or is_file(path)), None)
