"""Outputs of one image per frame."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from ...atomic import atomic_path
from ...errors import OutputError
from ...formats import write_id_mask
from ...formats.output_path import output_path
from .records import AddFrame, TrackedFrame, TrackedVideo


@contextmanager
def open_masks(folder: Path, video: TrackedVideo) -> Iterator[AddFrame]:
    """Indexed PNGs of object ids, in the colours of DAVIS."""
    yield lambda frame: write_id_mask(output_path(folder, f'{frame.result.name}.png'), frame.result.mask)


@contextmanager
def open_cutout_images(folder: Path, video: TrackedVideo) -> Iterator[AddFrame]:
    """RGBA PNGs, transparent outside the objects."""

    def add(frame: TrackedFrame) -> None:
        ok, data = cv2.imencode('.png', cutout(frame))
        path = output_path(folder, f'{frame.result.name}.png')
        if not ok:
            raise OutputError(f'{path}: {frame.image.shape} pixels cannot be encoded as PNG.')
        with atomic_path(path) as partial:
            partial.write_bytes(data.tobytes())

    yield add


def cutout(frame: TrackedFrame) -> np.ndarray:
    """A frame uint8 (H, W, 4) BGRA, black and transparent outside the objects."""
    opaque = frame.result.mask > 0
    return np.dstack([frame.image * opaque[..., None], np.where(opaque, 255, 0).astype(np.uint8)])
