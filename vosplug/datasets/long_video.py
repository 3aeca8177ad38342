"""Long-time Video (Liang et al., NeurIPS 2020) and its back-and-forth variant."""

import numpy as np

from ..errors import ConfigError
from ..registry import DATASETS
from ..structures import SourceView, VideoAnnotation, VideoSource
from .frame_folders import FrameFolderDataset
from .video_record import VideoRecord


class BackAndForthSource(SourceView):
    """A video played forward, backward, forward, ...; frames are read on demand.

    Turning frames are not duplicated, and the result has exactly ``repeats`` times as many frames.
    Names are ``00000``, ``00001``, ..., since the original names would not be unique.
    """

    def __init__(self, source: VideoSource, repeats: int) -> None:
        super().__init__(source)
        self.frame_names = [f'{t:05d}' for t in range(repeats * len(source))]

    def original(self, t: int) -> int:
        """Index in the original video of frame ``t``.

        Raises:
            IndexError: ``t`` lies outside ``[-len, len)``.
        """
        if not -len(self) <= t < len(self):
            raise IndexError(f'frame {t} of a video of {len(self)} frames')
        period = max(1, 2 * (len(self.source) - 1))
        phase = t % len(self) % period
        return min(phase, period - phase)

    def __getitem__(self, t: int) -> np.ndarray:
        return self.source[self.original(t)]


class BackAndForthAnnotation(VideoAnnotation):
    """Annotation of a :class:`BackAndForthSource`: that of the original frames, repeated in every pass."""

    def __init__(self, annotation: VideoAnnotation, source: BackAndForthSource) -> None:
        self._annotation, self._source = annotation, source

    def mask(self, t: int) -> np.ndarray | None:
        """See :class:`VideoAnnotation`."""
        return self._annotation.mask(self._source.original(t))

    def boxes(self, t: int) -> dict[int, np.ndarray]:
        """See :class:`VideoAnnotation`."""
        return self._annotation.boxes(self._source.original(t))

    def annotated_frames(self) -> list[int]:
        """See :class:`VideoAnnotation`."""
        annotated = set(self._annotation.annotated_frames())
        return [t for t in range(len(self._source)) if self._source.original(t) in annotated]


@DATASETS.register_module()
class LongVideoDataset(FrameFolderDataset):
    """Long-time Video: thousands of frames per video, of which about twenty are annotated.

    Layout: ``JPEGImages/<video>``, ``Annotations/<video>``. Objects are prompted in the first annotated
    frame.

    Args:
        data_root: folder that contains both.
        repeats: 3 plays each video forward, backward and forward (XMem, Cheng and Schwing 2022, Sec. 4.1, and
            its published script): three times as many frames, annotated in every pass. The ``long_video``
            protocol scores all of these but the first and the last.
        kwargs: of :class:`FrameFolderDataset`.

    Raises:
        ConfigError: ``repeats`` below 1.
    """

    def __init__(self, data_root: str, repeats: int = 1, **kwargs) -> None:
        if repeats < 1:
            raise ConfigError(f'LongVideoDataset.repeats: found {repeats}, expected 1 or more.')
        self.repeats = repeats
        super().__init__(data_root=data_root, **kwargs)

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        record = super().open_video(info)
        if self.repeats > 1:
            record.source = BackAndForthSource(record.source, self.repeats)
            record.annotation = BackAndForthAnnotation(record.annotation, record.source)
        return record
