"""Lazy sequences of frames: an image folder, a video file, or arrays."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from ..errors import VideoError

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff')


class VideoSource(ABC):
    """Frames of one video, decoded when asked for; a whole video is never held.

    Attributes:
        frame_names: name of every frame, such as ``00012``.
        fps: frames per second, None when unknown.
    """

    frame_names: list[str]
    fps: float | None = None

    def __len__(self) -> int:
        return len(self.frame_names)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[t] for t in range(len(self)))

    @abstractmethod
    def __getitem__(self, t: int) -> np.ndarray:
        """Frame ``t`` as uint8 (H, W, 3) BGR.

        Raises:
            VideoError: the frame cannot be decoded or has another size than the first one.
        """

    @property
    @abstractmethod
    def size(self) -> tuple[int, int]:
        """(H, W) of every frame."""


def read_image(path: str | Path) -> np.ndarray:
    """Read a picture as uint8 (H, W, 3) BGR.

    Raises:
        VideoError: the file is missing, truncated or no picture.
    """
    path = Path(path)
    try:
        data = np.fromfile(path, np.uint8)
    except FileNotFoundError:
        raise VideoError(f'{path}: frame not found. Check the folder and the frame list.') from None
    if path.suffix.lower() in ('.jpg', '.jpeg') and data[-4096:].tobytes().rfind(b'\xff\xd9') < 0:
        raise VideoError(f'{path}: JPEG ends early (no end marker); the file is truncated. Copy it again.')
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if image is None:
        raise VideoError(f'{path}: not a readable picture ({data.size} bytes). Copy or export it again.')
    return image


class ImageFolderSource(VideoSource):
    """Pictures of a folder in name order.

    Args:
        folder: directory with one picture per frame.
        frame_paths: the exact files, when the folder holds others too.
        fps: frames per second of the recording.
    """

    def __init__(
        self,
        folder: str | Path,
        frame_paths: Sequence[str | Path] | None = None,
        fps: float | None = None,
    ) -> None:
        self.folder = Path(folder)
        if frame_paths is None:
            if not self.folder.is_dir():
                raise VideoError(f'{folder}: no such folder of frames.')
            frame_paths = sorted(
                p for p in self.folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES
            )
        self.frame_paths = [Path(p) for p in frame_paths]
        if not self.frame_paths:
            raise VideoError(
                f'{folder}: no pictures found; expected one file per frame ({", ".join(IMAGE_SUFFIXES)}).'
            )
        self.frame_names = [p.stem for p in self.frame_paths]
        self.fps = fps
        self._size: tuple[int, int] | None = None

    def __getitem__(self, t: int) -> np.ndarray:
        image = read_image(self.frame_paths[t])
        if self._size is None:
            self._size = image.shape[:2]
        elif image.shape[:2] != self._size:
            raise VideoError(
                f'{self.frame_paths[t]}: frame is {image.shape[1]}x{image.shape[0]}, the video is '
                f'{self._size[1]}x{self._size[0]}. All frames of a video must share one size.'
            )
        return image

    @property
    def size(self) -> tuple[int, int]:
        """(H, W), read from the first frame."""
        if self._size is None:
            self[0]
        return self._size


class ArraySource(VideoSource):
    """Frames held as arrays.

    Args:
        frames: uint8 (T, H, W, 3) BGR, or a sequence of such frames.
        frame_names: ``00000``, ``00001``, ... by default.
        fps: frames per second.
    """

    def __init__(
        self,
        frames: Sequence[np.ndarray],
        frame_names: Sequence[str] | None = None,
        fps: float | None = None,
    ) -> None:
        if not len(frames):
            raise VideoError('video given as a list of arrays: the list is empty.')
        self._frames = frames
        self.frame_names = list(frame_names or (f'{t:05d}' for t in range(len(frames))))
        self.fps = fps

    def __getitem__(self, t: int) -> np.ndarray:
        frame = self._frames[t]
        if frame.dtype != np.uint8 or frame.shape != (*self.size, 3):
            raise VideoError(
                f'frame {t} of the array video: expected uint8 {(*self.size, 3)} BGR, '
                f'found {frame.dtype} {frame.shape}.'
            )
        return frame

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the first frame."""
        return tuple(self._frames[0].shape[:2])


class VideoFileSource(VideoSource):
    """A video file, decoded front to back by OpenCV; stepping backwards reopens the file.

    Args:
        path: any container OpenCV can decode.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise VideoError(f'{path}: no such video file.')
        capture = cv2.VideoCapture(str(path))
        count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT)) if capture.isOpened() else 0
        if count <= 0:
            raise VideoError(f'{path}: no frames can be decoded. Re-encode it, for example to H.264 MP4.')
        self.fps = capture.get(cv2.CAP_PROP_FPS) or None
        self._size = (
            int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
            int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
        )
        self.frame_names = [f'{t:05d}' for t in range(count)]
        self._capture, self._next = capture, 0
        self._last: np.ndarray | None = None

    def __getitem__(self, t: int) -> np.ndarray:
        if not -len(self) <= t < len(self):
            raise IndexError(t)
        t %= len(self)
        if t < self._next - 1:
            self._capture, self._next = cv2.VideoCapture(str(self.path)), 0
        while self._next <= t:
            ok, self._last = self._capture.read()
            if not ok:
                raise VideoError(
                    f'{self.path}: frame {self._next} of {len(self)} cannot be decoded; '
                    'the file is damaged or truncated. Re-encode it.'
                )
            self._next += 1
        return self._last

    def __getstate__(self) -> dict:
        return {'path': self.path}

    def __setstate__(self, state: dict) -> None:
        self.__init__(state['path'])

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) from the container."""
        return self._size


def open_video(source: 'VideoSource | str | Path | Sequence[np.ndarray]') -> VideoSource:
    """The right source for a folder, a video file, a list of BGR arrays, or a source itself.

    Raises:
        VideoError: nothing is there, or it holds no frames.
    """
    if isinstance(source, VideoSource):
        return source
    if not isinstance(source, (str, Path)):
        return ArraySource(source)
    if Path(source).is_dir():
        return ImageFolderSource(source)
    return VideoFileSource(source)
