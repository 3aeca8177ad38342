"""One picture from disk, whole or not at all."""

import re
from pathlib import Path

import cv2
import numpy as np

from ..errors import VideoError

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff')

# compressed JPEG data holds FF 00 (a plain FF), restart marks and fill FFs; all else after FF is a marker
_JPEG_MARKER = re.compile(rb'\xff[^\x00\xd0-\xd7\xff]', re.DOTALL)


def read_image(path: str | Path) -> np.ndarray:
    """Read a picture as uint8 (H, W, 3) BGR, turned as its EXIF orientation says.

    OpenCV fills what it cannot decode of a JPEG with grey and only prints a warning, so its markers are
    checked here. Damage that leaves every marker intact cannot be told from a picture.

    Raises:
        VideoError: the file is missing, truncated, damaged or no picture.
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
        raise VideoError(f'{path}: not a readable picture ({len(data)} bytes). Copy or export it again.')
    return image


def _jpeg_damage(data: bytes) -> str | None:
    """What is wrong with the markers of a JPEG; None when they lead to the end marker."""
    position = 2
    while found := _JPEG_MARKER.search(data, position):
        code, after = data[found.start() + 1], found.end()
        if code == 0xD9:
            return None
        if code < 0xC0 or code == 0xD8 or 0xF0 <= code <= 0xFD:
            return f'invalid marker {code:#x} at byte {found.start()}'
        position = after + int.from_bytes(data[after : after + 2], 'big')
    return 'it ends early (no end marker)'
