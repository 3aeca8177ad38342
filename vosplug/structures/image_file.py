"""Reading and writing of image files; damaged and oversized ones are detected before decoding."""

import io
import os
import re
from pathlib import Path

import cv2
import numpy as np
from PIL import (
    BmpImagePlugin,
    ExifTags,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from ..atomic import atomic_path
from ..errors import VideoError, VOSError
from ..files import open_regular
from ..limits import check_limit, limit

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff')
PNG_SIGNATURE = b'\x89PNG\r\n\x1a\n'
_JPEG_SIGNATURE = b'\xff\xd8'

# Image.open has a limit of its own, which is global
_PILLOW: dict[bytes, type[ImageFile.ImageFile]] = {
    PNG_SIGNATURE: PngImagePlugin.PngImageFile,
    _JPEG_SIGNATURE: JpegImagePlugin.JpegImageFile,
    b'BM': BmpImagePlugin.BmpImageFile,
    b'RIFF': WebPImagePlugin.WebPImageFile,
    b'II': TiffImagePlugin.TiffImageFile,
    b'MM': TiffImagePlugin.TiffImageFile,
}

# each is a pass over all pixels; progressive JPEGs have about ten
_MOST_SCANS = 100

# compressed JPEG data contains FF 00 (a literal FF), restart markers and fill FFs; all else after FF is a
# marker
_JPEG_MARKER = re.compile(rb'\xff[^\x00\xd0-\xd7\xff]', re.DOTALL)
_JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # markers that are followed by the size


def read_image(path: str | Path) -> np.ndarray:
    """Read an image as uint8 (H, W, 3) BGR, rotated by its EXIF orientation.

    16 bits become 8, grey and CMYK become BGR, transparency is dropped. OpenCV fills undecodable parts of a
    JPEG with grey and only prints a warning, so its markers are checked. Damage that leaves all markers
    intact is not detected.

    Raises:
        VideoError: the file is missing, truncated, damaged, too large, animated or not an image.
    """
    data = read_image_data(path, VideoError, 'frame not found. Check the folder and the frame list.')
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:  # OpenCV's own limits
        raise VideoError(f'{path}: {" ".join(str(error).split())}') from None
    if image is None:
        raise VideoError(f'{path}: not a readable image ({len(data)} bytes). Copy or export it again.')
    return image


def write_image(path: str | Path, image: np.ndarray) -> None:
    """Write an image atomically, in the format of the suffix; OpenCV's ``imwrite`` ignores full disks.

    Args:
        path: target file; parent folders are created.
        image: uint8 (H, W, 3) BGR or (H, W).

    Raises:
        OutputError: the file cannot be written.
    """
    data = cv2.imencode(Path(path).suffix, image)[1]
    with atomic_path(path) as partial:
        partial.write_bytes(data.tobytes())


def check_aspect(size: tuple[int, int], where: str) -> None:
    """Check that a frame (H, W) may be resized by its short side; a line of pixels would become huge.

    Raises:
        VideoError: its aspect ratio exceeds the limit.
    """
    ratio = max(size) / min(size)
    found = f'{where}: has frames of {size[1]}x{size[0]}, an aspect ratio of {ratio:,.0f}'
    check_limit('MAX_ASPECT', ratio, found, VideoError)


def image_size(path: str | Path, error: type[VOSError]) -> tuple[int, int]:
    """(H, W) of the image that :func:`read_image` returns, from the header of its file.

    Arguments and errors as :func:`read_image_data`.
    """
    data = read_image_data(path, error)
    height, width = _size(Path(path), data, error)
    return (width, height) if _is_turned(data) else (height, width)


def _is_turned(data: bytes) -> bool:
    """Whether an image's EXIF orientation swaps width and height; those of a TIFF are swapped already."""
    exif = Image.Exif()
    try:
        with open_pillow(data) as image:
            exif.load(image.info.get('exif', b''))
        return exif.get(ExifTags.Base.Orientation) in (5, 6, 7, 8)
    except Exception:  # damaged EXIF, which decoders ignore
        return False


def read_image_data(
    path: str | Path, error: type[VOSError], missing: str = 'image not found. Check the path.'
) -> bytes:
    """Bytes of a file that, by its header, is a single image within the limits; it is not decoded.

    Args:
        path: the file.
        error: class of the error.
        missing: what the message says if there is no such file.

    Raises:
        VOSError: of class ``error``: no such file, not an image, visibly damaged, animated, or of more
            pixels than the limit.
    """
    path = Path(path)
    with open_regular(path, error, missing) as file:
        length = os.fstat(file.fileno()).st_size
        # a pixel of four channels of 16 bits has 8 bytes
        if length > 8 * limit('MAX_PIXELS') + 2**20:
            check_limit(
                'MAX_PIXELS', length // 8, f'{path}: has {length:,} bytes, for {length // 8:,} pixels', error
            )
        try:
            data = file.read()
        except OSError as cause:
            raise error(f'{path}: cannot be read ({cause.strerror}). Copy it again.') from None
    height, width = _size(path, data, error)
    check_limit(
        'MAX_PIXELS', height * width, f'{path}: has {width}x{height} = {height * width:,} pixels', error
    )
    return data


def open_pillow(data: bytes) -> ImageFile.ImageFile:
    """Pillow's image, not decoded yet.

    Raises:
        OSError, SyntaxError, ValueError: not an image, or damaged.
    """
    for signature, image in _PILLOW.items():
        if data.startswith(signature):
            return image(io.BytesIO(data))
    raise ValueError('not JPEG, PNG, BMP, WebP or TIFF')


def _size(path: Path, data: bytes, error: type[VOSError]) -> tuple[int, int]:
    """(H, W); common formats are parsed without Pillow, which would take a twentieth of the decoding time."""
    frames = 1
    if data.startswith(_JPEG_SIGNATURE):
        size, damage = _walk_jpeg(data)
        if damage:
            raise error(f'{path}: damaged JPEG, {damage}. Copy or export it again.')
    elif data.startswith(PNG_SIGNATURE):
        size, frames, damage = _walk_png(data)
        if damage:
            raise error(f'{path}: damaged PNG, {damage}. Copy or export it again.')
    else:
        try:
            with open_pillow(data) as image:
                size, frames = (image.height, image.width), _frames(image)
        except (OSError, SyntaxError, ValueError, OverflowError, EOFError) as cause:
            raise error(
                f'{path}: not a readable image ({len(data)} bytes): {cause}. Copy or export it again.'
            ) from None
    if frames > 1:
        raise error(f'{path}: has several images, expected one. Extract them to a file each.')
    return size


def _frames(image: ImageFile.ImageFile) -> int:
    """Number of images; 2 for any more in a TIFF, since counting them takes quadratic time."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return getattr(image, 'n_frames', 1)
    try:
        image.seek(1)
    except EOFError:
        return 1
    return 2


def _walk_png(data: bytes) -> tuple[tuple[int, int], int, str | None]:
    """(H, W), number of frames, and a description of damaged chunks before the pixels, None if intact."""
    at, size, frames = len(PNG_SIGNATURE), (0, 0), 1
    while (kind := data[at + 4 : at + 8]) != b'IDAT':
        length = int.from_bytes(data[at : at + 4], 'big')
        start, header = at + 8, kind == b'IHDR'
        if at + 12 + length > len(data):
            return size, frames, 'it ends early'
        if header != (at == len(PNG_SIGNATURE)):  # decoders take the last of several headers
            return size, frames, 'it does not start with its only header'
        if header:
            width, height = (int.from_bytes(data[k : k + 4], 'big') for k in (start, start + 4))
            size = height, width
        elif kind == b'acTL':
            frames = int.from_bytes(data[start : start + 4], 'big')
        at = start + length + 4
    return size, frames, None if min(size) else 'it has no header'


def _walk_jpeg(data: bytes) -> tuple[tuple[int, int], str | None]:
    """(H, W), and a description of a damaged marker structure, None if intact."""
    position, size, scans = 2, (0, 0), 0
    while found := _JPEG_MARKER.search(data, position):
        code, after = data[found.start() + 1], found.end()
        if code == 0xD9:
            return size, None
        if code < 0xC0 or code == 0xD8 or 0xF0 <= code <= 0xFD:
            return size, f'invalid marker {code:#x} at byte {found.start()}'
        if code in _JPEG_FRAMES:
            height, width = (int.from_bytes(data[at : at + 2], 'big') for at in (after + 3, after + 5))
            size = max(size, (height, width), key=lambda s: s[0] * s[1])
        scans += code == 0xDA
        if scans > _MOST_SCANS:
            return size, f'more than {_MOST_SCANS} scans'
        position = after + int.from_bytes(data[after : after + 2], 'big')
    return size, 'it ends early (no end marker)'
