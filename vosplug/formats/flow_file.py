"""Optical flow in Middlebury's ``.flo`` files.

The format (Baker et al. 2011): the float 202021.25, whose bytes are ``PIEH``; width and height as int32; then
u, v of every pixel as float32, row by row, all little-endian. A flow beyond 1e9 pixels is unknown.
"""

import os
import struct
from pathlib import Path

import numpy as np

from ..atomic import atomic_path
from ..errors import FlowError
from ..files import open_regular
from ..limits import check_limit

_TAG = struct.pack('<f', 202021.25)
_HEADER = 12  # bytes
_LARGEST, _UNKNOWN = 1e9, 1e10


def read_flo(path: str | Path) -> np.ndarray:
    """Read a flow as float32 (H, W, 2): x and y in pixels, both NaN where the flow is unknown.

    Raises:
        FlowError: no such file, not a ``.flo`` file, or one whose length does not match its header.
    """
    try:
        with open_regular(path, FlowError, 'flow file not found. Check the folder and its layout.') as file:
            header = file.read(_HEADER)
            if len(header) < _HEADER or header[:4] != _TAG:
                raise FlowError(
                    f'{path}: expected a Middlebury .flo file, which starts with {_TAG!r}, width and height; '
                    f'found {header!r}. Export the flow in this format.'
                )
            width, height = struct.unpack('<2i', header[4:])
            found, expected = os.fstat(file.fileno()).st_size, _HEADER + 8 * width * height
            if min(width, height) < 1 or found != expected:
                raise FlowError(
                    f'{path}: its header announces {width}x{height} pixels, so {max(expected, 0)} bytes, '
                    f'found {found}. The file is damaged or truncated; copy or compute it again.'
                )
            check_limit('MAX_PIXELS', width * height, f'{path}: has {width * height:,} pixels', FlowError)
            flow = np.fromfile(file, '<f4').reshape(height, width, 2)
    except OSError as error:
        raise FlowError(f'{path}: flow file cannot be read ({error.strerror}).') from None
    flow[_unknown(flow)] = np.nan
    return flow.astype(np.float32, copy=False)


def write_flo(path: str | Path, flow: np.ndarray) -> None:
    """Write a flow atomically; parent folders are created.

    Args:
        path: of the file.
        flow: float (H, W, 2), x and y in pixels; not finite or beyond 1e9 where unknown.

    Raises:
        FlowError: another shape, or no pixels.
    """
    flow = np.array(flow, '<f4')
    if flow.ndim != 3 or flow.shape[2] != 2 or not flow.size:
        raise FlowError(f'{path}: expected a flow of shape (H, W, 2), found {flow.shape}.')
    flow[_unknown(flow)] = _UNKNOWN
    with atomic_path(path) as partial, open(partial, 'wb') as file:
        file.write(_TAG + struct.pack('<2i', *flow.shape[1::-1]))
        flow.tofile(file)


def _unknown(flow: np.ndarray) -> np.ndarray:
    """Pixels of unknown flow, bool (H, W), including NaN."""
    x, y = (np.abs(flow[..., k]) <= _LARGEST for k in (0, 1))
    return ~(x & y)
