"""Opening of everything that is accepted as a video."""

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ..errors import VideoError
from ..files import is_dir, is_file, natural_key
from .image_file import IMAGE_SUFFIXES
from .live_source import CameraSource, IteratorSource, StreamSource, is_address
from .video_file import VIDEO_SUFFIXES, VideoFileSource
from .video_source import ArraySource, ImageFolderSource, VideoSource

# accepted as a video: a source, a folder, a video file, a pattern, BGR arrays, or a generator of these
VideoLike = VideoSource | str | Path | Sequence[np.ndarray] | Iterator[np.ndarray]


def open_video(source: VideoLike) -> VideoSource:
    """Open a local video; never one on a network, since paths may also come from untrusted files.

    Args:
        source: a folder of frames, a video file, a pattern of frames (``'frames/*.jpg'``) or of one video
            file, a list of BGR arrays, or a generator of them; a source is returned as is.

    Raises:
        VideoError: it does not exist, has no frames, or is none of these.
    """
    if isinstance(source, VideoSource):
        return source
    if not isinstance(source, (str, Path)):
        return IteratorSource(source) if isinstance(source, Iterator) else ArraySource(source)
    if os.path.isdir(source):
        return ImageFolderSource(source)
    found = matching(source)
    if found is None:
        return VideoFileSource(source)
    if all(path.suffix.lower() in IMAGE_SUFFIXES for path in found):
        return ImageFolderSource(found[0].parent, found)
    if len(found) > 1:
        raise VideoError(
            f'{source}: matches {len(found)} videos, {found[0]} and others; expected frames of one video, '
            'or one file.'
        )
    return VideoFileSource(found[0])


def open_input(source: VideoLike | int) -> VideoSource:
    """Open a user's input: anything that :func:`open_video` takes, a camera by its number, or an address.

    Args:
        source: ``0`` is the first camera; ``'rtsp://...'`` and ``'https://...'`` are opened over the network.

    Raises:
        VideoError: it cannot be opened.
    """
    if isinstance(source, int) and not isinstance(source, bool):
        return CameraSource(source)
    if isinstance(source, str) and is_address(source):
        return StreamSource(source)
    return open_video(source)  # type: ignore[arg-type]  # a bool is refused there


def matching(pattern: str | Path) -> list[Path] | None:
    """Files that match a pattern, in natural order, without hidden ones; None if it is a plain path.

    Raises:
        VideoError: nothing matches.
    """
    text = str(pattern)
    if not glob.has_magic(text) or os.path.lexists(text):
        return None
    found = sorted((Path(path) for path in glob.glob(text)), key=lambda path: natural_key(str(path)))
    if not found:
        raise VideoError(f'{text:.500}: no file matches this pattern.')
    return found


def find_video(root: str | Path, name: str) -> Path | None:
    """Find a video by its name in a folder of videos: a folder of images or a video file; None if absent."""
    root = Path(root)
    suffixes = (*VIDEO_SUFFIXES, *(suffix.upper() for suffix in VIDEO_SUFFIXES))  # cameras write .MOV
    candidates = [root / name, *(root / f'{name}{suffix}' for suffix in suffixes)]
    return next((path for path in candidates if is_dir(path) or is_file(path)), None)
