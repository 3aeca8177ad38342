"""GIF and MP4 files from frames, written frame by frame."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import GifImagePlugin, Image

from ..atomic import atomic_path
from ..errors import OutputError, VideoError

_MPEG4_RATE = 65535  # the largest numerator of frames per second


def _checked(path: str | Path, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """The frames, checked to be non-empty and uniform; video writers silently drop others."""
    shape = None
    for t, frame in enumerate(frames):
        shape = shape or frame.shape
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape != shape or shape[2] != 3:
            raise VideoError(
                f'{path}: frame {t} is {frame.dtype} {frame.shape}, the first is {shape}; expected '
                'uint8 (H, W, 3) BGR of one size. Resize the frames first.'
            )
        yield frame
    if shape is None:
        raise VideoError(f'{path}: there are no frames to write.')


def _check_fps(path: str | Path, fps: float) -> None:
    if not 0 < fps < float('inf'):
        raise VideoError(f'{path}: fps must be positive, found {fps}.')


def write_gif(path: str | Path, frames_bgr: Iterable[np.ndarray], fps: float = 10) -> None:
    """Write a looping GIF; one frame is held at a time, each with its own 256 colours.

    Args:
        path: file to write; it appears only when complete.
        frames_bgr: uint8 (H, W, 3) BGR, all of one size.
        fps: frames per second; GIF rounds the duration to 1/100 s, at least 0.02 s.

    Raises:
        VideoError: no frames, frames of different sizes, or ``fps`` not positive.
    """
    _check_fps(path, fps)
    duration = max(20, round(100 / fps) * 10)
    with atomic_path(path) as partial, open(partial, 'wb') as file:
        for t, frame in enumerate(_checked(path, frames_bgr)):
            picture = Image.fromarray(np.ascontiguousarray(frame[..., ::-1])).quantize(256)
            if t == 0:
                header, _ = GifImagePlugin.getheader(picture.copy(), info={'loop': 0, 'optimize': False})
                file.writelines(header)
            file.writelines(GifImagePlugin.getdata(picture, duration=duration, include_color_table=True))
        file.write(b';')


def write_mp4(path: str | Path, frames: Iterable[np.ndarray], fps: float = 10) -> None:
    """Write an MPEG-4 video; one frame is held at a time.

    Args:
        path: file to write, ending in ``.mp4``; it appears only when complete.
        frames: uint8 (H, W, 3) BGR, all of one size. The codec needs even sides: an odd side is
            padded by repeating a row or column.
        fps: frames per second, from 0.01 to 65535; MPEG-4 rounds it, to 0.001 below 65, 0.01 below 655 and
            0.1 below 6553.

    Raises:
        VideoError: no frames, frames of different sizes, ``fps`` out of range, or no MPEG-4 encoder.
        OutputError: the file cannot be written.
    """
    _check_fps(path, fps)
    if not 0.01 <= fps <= _MPEG4_RATE:
        raise VideoError(f'{path}: MPEG-4 needs 0.01 to {_MPEG4_RATE} frames per second, found {fps}.')
    if Path(path).suffix.lower() != '.mp4':
        raise VideoError(f'{path}: expected a file name ending in .mp4.')
    with atomic_path(path) as partial:
        writer, count = cv2.VideoWriter(), 0
        try:
            for frame in _checked(path, frames):
                height, width = frame.shape[:2]
                even = cv2.copyMakeBorder(frame, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
                if not writer.isOpened():
                    _open(writer, partial, path, _rounded(fps), even.shape[1::-1])
                writer.write(even)
                count += 1
        finally:
            writer.release()
        written = int(cv2.VideoCapture(str(partial.absolute())).get(cv2.CAP_PROP_FRAME_COUNT))
        if written != count:  # OpenCV does not say when it cannot write
            raise OutputError(
                f'{path}: cannot be written whole ({written} of {count} frames). Free space on the disk, or '
                'choose another folder.'
            )


def _rounded(fps: float) -> float:
    """OpenCV passes fps on as a fraction of a power of ten, whose numerator MPEG-4 limits."""
    digits = next(d for d in (3, 2, 1, 0) if round(fps * 10**d) <= _MPEG4_RATE)
    return round(float(fps), digits)


def _open(
    writer: cv2.VideoWriter, partial: Path, path: str | Path, fps: float, size: tuple[int, int]
) -> None:
    if not writer.open(str(partial.absolute()), cv2.VideoWriter_fourcc(*'mp4v'), fps, size):
        raise VideoError(
            f'{path}: this OpenCV cannot encode MPEG-4 (mp4v). Install an OpenCV wheel with FFmpeg '
            '(pip install opencv-python-headless), or write a GIF.'
        )
