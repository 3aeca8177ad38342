"""Encodings of frames and masks for pages."""

from collections.abc import Sequence

import cv2
import numpy as np

from ..structures import SourceView, VideoSource

_LONGEST = 1920  # pixels, of the longer side of a shown frame
_QUALITY = 88


def jpeg(frame: np.ndarray) -> bytes:
    """Encode a frame, uint8 (H, W, 3) BGR, as JPEG; large frames are downscaled."""
    scale = _LONGEST / max(frame.shape[:2])
    if scale < 1:
        frame = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.imencode('.jpg', frame, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


def id_runs(mask: np.ndarray) -> list[int]:
    """Run lengths of an id mask, row by row: value, length, value, length, ..."""
    flat = mask.ravel()
    starts = np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1]]))
    lengths = np.diff(starts, append=len(flat))
    return np.stack([flat[starts].astype(np.int64), lengths], 1).ravel().tolist()


class ChosenFrames(SourceView):
    """Selected frames of a video, in any order.

    Args:
        source: the video.
        indices: frame indices in ``source``.
        backwards: whether the frames go back in time.
    """

    def __init__(self, source: VideoSource, indices: Sequence[int], backwards: bool = False) -> None:
        super().__init__(source)
        self.chosen, self.frame_names = list(indices), [source.frame_names[t] for t in indices]
        self.backwards = backwards

    def __getitem__(self, t: int) -> np.ndarray:
        return self.source[self.chosen[t]]
