"""Lazy sequences of frames: the contract, an image folder, or arrays."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence, Sized
from contextlib import suppress
from fractions import Fraction
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import VideoError
from ..files import list_folder, natural_key
from .image_file import IMAGE_SUFFIXES, read_image


def _checked_names(names: Sequence[str], frames: Sequence[str | Path]) -> list[str]:
    """Check that each frame has a name of its own; ``frames`` identify them in messages."""
    if len(names) != len(frames):
        raise VideoError(
            f'{frames[0]}, ...: {len(names)} frame names for {len(frames)} frames, expected one for each.'
        )
    seen = set()
    for frame, name in zip(frames, names, strict=True):
        if name in seen:
            raise VideoError(
                f'{frame}: a second image named {name}. Keep one image per frame in a folder; masks belong '
                'in a folder of their own.'
            )
        seen.add(name)
    return list(names)


class VideoSource(ABC):
    """Frames of one video, decoded on demand; a whole video is never held in memory.

    Attributes:
        frame_names: name of every frame, such as ``00012``; those of a live source have no ``len``.
        fps: frames per second, exact where it is a Fraction; None when unknown.
        name: of the video, unique in its dataset, such as ``bear``; None when unknown.
        random_access: any frame can be read at any time; a live source, whose frames come one after the
            other, sets it to False.
        backwards: whether time runs backwards, so that the next frame is an earlier one.
    """

    frame_names: Sequence[str]
    fps: float | Fraction | None = None
    name: str | None = None
    random_access: bool = True
    backwards: bool = False

    def __len__(self) -> int:
        return len(self.frame_names)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[t] for t in self.indices())

    @property
    def length(self) -> int | None:
        """Number of frames, None for a live source, whose end is not known."""
        return len(self)

    def has_frame(self, t: int) -> bool:
        """Whether there is a frame ``t``; a live source waits for it."""
        return 0 <= t < len(self)

    def indices(self) -> Iterator[int]:
        """Indices of all frames in order, even where their number is not known."""
        return takewhile(self.has_frame, count())

    def timestamp(self, t: int) -> Fraction | None:
        """When frame ``t`` is shown, in seconds after the first one; None when unknown."""
        return t / Fraction(self.fps) if self.fps else None

    @abstractmethod
    def __getitem__(self, t: int) -> np.ndarray:
        """Frame ``t`` as uint8 (H, W, 3) BGR.

        Raises:
            VideoError: the frame cannot be decoded or differs in size from the first one.
        """

    @property
    @abstractmethod
    def size(self) -> tuple[int, int]:
        """(H, W) of every frame."""

    @property
    def files(self) -> Sequence[Path]:
        """Files that frames are read from; none if they are in memory or generated."""
        return ()


class SourceView(VideoSource):
    """A video made of the frames of another one, which are selected, reordered or kept.

    Everything is as in the other video unless a subclass changes it; ``len`` is the number of names.

    Args:
        source: the other video.
    """

    def __init__(self, source: VideoSource) -> None:
        self.source, self.frame_names = source, source.frame_names
        self.fps, self.name = source.fps, source.name
        self.random_access, self.backwards = source.random_access, source.backwards

    @property
    def files(self) -> Sequence[Path]:
        """Files of the frames."""
        return self.source.files

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of every frame."""
        return self.source.size


class ImageFolderSource(VideoSource):
    """Images of a folder, in natural name order (``frame2`` before ``frame10``).

    Args:
        folder: directory with one image per frame.
        frame_paths: the exact files, if the folder contains others too.
        fps: frames per second of the recording.
        frame_names: of ``frame_paths``, which may then repeat a file; the files' own by default.

    Raises:
        VideoError: no folder, no images, two images that differ only in their suffix, or
            different numbers of names and images.
    """

    def __init__(
        self,
        folder: str | Path,
        frame_paths: Sequence[str | Path] | None = None,
        fps: float | None = None,
        frame_names: Sequence[str] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.name = self.folder.absolute().name
        if frame_paths is None:
            found = (
                p
                for p in list_folder(self.folder, VideoError, 'no such folder of frames.')
                if p.suffix.lower() in IMAGE_SUFFIXES
            )
            frame_paths = sorted(found, key=lambda p: natural_key(p.name))
        self.frame_paths = [Path(p) for p in frame_paths]
        if not self.frame_paths:
            raise VideoError(
                f'{folder}: no images found; expected one file per frame ({", ".join(IMAGE_SUFFIXES)}).'
            )
        names = [p.stem for p in self.frame_paths] if frame_names is None else frame_names
        self.frame_names = _checked_names(names, self.frame_paths)
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
    def files(self) -> Sequence[Path]:
        """Files of the frames."""
        return self.frame_paths

    @property
    def size(self) -> tuple[int, int]:
        """(H, W), of the first frame that can be read.

        Raises:
            VideoError: none can be read; the error of the first one.
        """
        t = 0
        while self._size is None and t < len(self):
            with suppress(VideoError):
                self[t]  # sets the size
            t += 1
        return self._size or self[0].shape[:2]


class ArraySource(VideoSource):
    """Frames held as arrays.

    Args:
        frames: uint8 (T, H, W, 3) BGR, or a sequence of such frames.
        frame_names: ``00000``, ``00001``, ... by default.
        fps: frames per second.

    Raises:
        VideoError: no frames, something else, or names that are not one per frame and distinct.
    """

    def __init__(
        self,
        frames: Sequence[np.ndarray],
        frame_names: Sequence[str] | None = None,
        fps: float | None = None,
    ) -> None:
        _check_frames(frames)
        self._frames = frames
        self.frame_names = [f'{t:05d}' for t in range(len(frames))]
        if frame_names is not None:
            shown = [f'frame {t} of the array video' for t in range(len(frames))]
            self.frame_names = _checked_names(frame_names, shown)
        self.fps = fps

    def __getitem__(self, t: int) -> np.ndarray:
        frame = self._frames[t]
        check_frame(frame, self.size, f'frame {t} of the array video')
        return frame

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the first frame."""
        return tuple(self._frames[0].shape[:2])


def check_frame(frame: Any, size: tuple[int, int], label: str) -> None:
    """Raise a VideoError unless this is an image of a video's size; ``label`` begins the message."""
    expected, array = (*size, 3), isinstance(frame, np.ndarray)
    if not array or frame.dtype != np.uint8 or frame.shape != expected:
        found = f'{frame.dtype} {frame.shape}' if array else f'a {type(frame).__name__}'
        raise VideoError(f'{label}: expected uint8 {expected} BGR, found {found}.')


def _check_frames(frames: object) -> None:
    """Raise a VideoError unless these are the frames of a video, judging by the first one."""
    try:
        first = frames[0]  # type: ignore[index]
    except (TypeError, LookupError):
        first = None
    sized = isinstance(frames, Sized) and not isinstance(frames, Mapping)
    if sized and isinstance(first, np.ndarray) and first.ndim == 3:
        return
    found, advice = _kind(frames), ''
    if first is not None and not isinstance(frames, np.ndarray):
        found += f' whose first item is a {_kind(first)}'
    elif isinstance(frames, list | tuple) and not frames:
        found += ', and the list is empty'
    if isinstance(frames, Iterator):
        advice = (
            ' Give list(...) of the frames if they fit in memory, otherwise an IteratorSource, which reads '
            'one at a time.'
        )
    elif isinstance(first, str | Path):
        advice = ' For chosen files of a folder, give an ImageFolderSource with frame_paths.'
    raise VideoError(
        f'video: found a {found}; expected a folder of frames, a video file, uint8 (T, H, W, 3) BGR, a list '
        f'of such frames, or a VideoSource.{advice}'
    )


def _kind(value: object) -> str:
    return type(value).__name__ + (f' of shape {value.shape}' if isinstance(value, np.ndarray) else '')


class LastFrameSource(SourceView):
    """A video that keeps its last decoded frames, for several readers of one frame.

    Its frames are contiguous, which PyTorch needs; those of an array video may be views of others, such as
    ``rgb[..., ::-1]``.

    Args:
        source: the video.
        keep: number of frames.
    """

    def __init__(self, source: VideoSource, keep: int = 1) -> None:
        super().__init__(source)
        self._keep = keep
        self._kept: dict[int, np.ndarray] = {}  # by frame index, in order of decoding

    @property
    def length(self) -> int | None:
        """Number of frames; None for a live source."""
        return self.source.length

    def has_frame(self, t: int) -> bool:
        """Whether there is a frame ``t``; a live source waits for it."""
        return self.source.has_frame(t)

    def timestamp(self, t: int) -> Fraction | None:
        """When frame ``t`` is shown, in seconds after the first one; None when unknown."""
        return self.source.timestamp(t)

    def __getitem__(self, t: int) -> np.ndarray:
        if t not in self._kept:
            frame = self.source[t]
            check_frame(frame, self.size, f'{self.name or type(self.source).__name__}: frame {t}')
            frame = np.ascontiguousarray(frame)
            if len(self._kept) == self._keep:
                del self._kept[next(iter(self._kept))]
            self._kept[t] = frame
        return self._kept[t]
