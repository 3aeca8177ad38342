"""GIF and MP4 files from frames, written frame by frame."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import GifImagePlugin, Image

from ..atomic import atomic_path
from ..errors import VideoError
from .mp4 import check_fps, check_frame, open_mp4


def write_gif(path: str | Path, frames_bgr: Iterable[np.ndarray], fps: float = 10) -> None:
    """Write a looping GIF; one frame is held at a time, each with its own 256 colours.

    Args:
        path: file to write; it appears only when complete.
        frames_bgr: uint8 (H, W, 3) BGR, all of one size.
        fps: frames per second; GIF rounds the duration to 1/100 s, at least 0.02 s.

    Raises:
        VideoError: no frames, frames of different sizes, or ``fps`` not positive.
    """
    check_fps(path, fps)
    duration = max(20, round(100 / fps) * 10)
    shape: tuple[int, ...] = ()
    with atomic_path(path) as partial, open(partial, 'wb') as file:
        for t, frame in enumerate(frames_bgr):
            shape = shape or frame.shape
            check_frame(path, t, frame, shape)
            picture = Image.fromarray(np.ascontiguousarray(frame[..., ::-1])).quantize(256)
            if t == 0:
                header, _ = GifImagePlugin.getheader(picture.copy(), info={'loop': 0, 'optimize': False})
                file.writelines(header)
            file.writelines(GifImagePlugin.getdata(picture, duration=duration, include_color_table=True))
        if not shape:
            raise VideoError(f'{path}: there are no frames to write.')
        file.write(b';')


def write_mp4(path: str | Path, frames: Iterable[np.ndarray], fps: float | Fraction = 10) -> None:
    """Write an MP4 that browsers play; one frame is held at a time.

    Args:
        path: file to write, ending in ``.mp4``; it appears only when complete.
        frames: uint8 (H, W, 3) BGR, all of one size.
        fps: frames per second, from 0.01 to 65535.

    Raises:
        VideoError: no frames, frames of different sizes, ``fps`` out of range, or no encoder.
        OutputError: the file cannot be written.
    """
    with open_mp4(path, fps) as video:
        for frame in frames:
            video.write(frame)
