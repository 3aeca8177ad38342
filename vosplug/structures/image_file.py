"""Reads image files, with detection of damaged ones."""

import re
from pathlib import Path

import cv2
import numpy as np

from ..errors import VideoError

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff')

# compressed JPEG data contains FF 00 (a literal FF), restart markers and fill FFs; all else after FF is a
# marker
_JPEG_MARKER = re.compile(rb'\xff[^\x00\xd0-\xd7\xff]', re.DOTALL)


def read_image(path: str | Path) -> np.ndarray:
    """Read an image as uint8 (H, W, 3) BGR, rotated by its EXIF orientation.

    OpenCV fills undecodable parts of a JPEG with grey and only prints a warning, so its markers are checked
    here. Damage that leaves all markers intact is not detected.

    Raises:
        VideoError: the file is missing, truncated, damaged or not an image.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        raise VideoError(f'{path}: frame not found. Check the folder and the frame list.') from None
    if data.startswith(b'\xff\xd8'):
        damage = _jpeg_damage(data)
        if damage:
            raise VideoError(f'{path}: damaged JPEG, {damage}. Copy or export it again.')
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if image is None:
        raise VideoError(f'{path}: not a readable image ({len(data)} bytes). Copy or export it again.')
    return image


def _jpeg_damage(data: bytes) -> str | None:
    """Description of a damaged marker structure of a JPEG; None if intact."""
    position = 2
    while found := _JPEG_MARKER.search(data, position):
        code, after = data[found.start() + 1], found.end()
        if code == 0xD9:
            return None
        if code < 0xC0 or code == 0xD8 or 0xF0 <= code <= 0xFD:
            return f'invalid marker {code:#x} at byte {found.start()}'
        position = after + int.from_bytes(data[after : after + 2], 'big')
    return 'it ends early (no end marker)'
