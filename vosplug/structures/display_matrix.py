"""Orientation of video frames by their display matrix."""

import numpy as np
from av.sidedata.sidedata import Type as SideDataType
from av.video.frame import VideoFrame

_UNIT = 1 << 16  # of a display matrix


def display_matrix(frame: VideoFrame) -> tuple[int, ...] | None:
    """Linear part (a, b, c, d) of a frame's display matrix: x' = ax + cy, y' = bx + dy."""
    data = frame.side_data.get(SideDataType.DISPLAYMATRIX)  # type: ignore[call-overload]
    if data is None:
        return None
    a, b, _, c, d = np.frombuffer(bytes(data), np.int32)[:5].tolist()
    return tuple(round(v / _UNIT) for v in (a, b, c, d))


def oriented(image: np.ndarray, matrix: tuple[int, ...] | None) -> np.ndarray:
    """Apply a display matrix of quarter turns and mirroring to an image; others change nothing."""
    if matrix is None:
        return image
    a, b, c, d = matrix
    if sorted(map(abs, matrix)) != [0, 0, 1, 1] or a * d == b * c:
        return image
    if a == 0:  # x' comes from y
        image, a, d = image.swapaxes(0, 1), c, b
    return np.ascontiguousarray(image[::d, ::a])
