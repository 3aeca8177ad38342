"""DAVIS-style indexed PNG masks, one file per frame."""

import struct
import zlib
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ..atomic import atomic_path
from ..errors import AnnotationError
from ..files import list_folder
from ..structures import VideoAnnotation, VideoSource
from ..structures.box_ops import VOID
from ..structures.image_file import PNG_SIGNATURE, open_pillow, read_image_data
from .palette import davis_palette


def read_id_mask(path: str | Path, size: tuple[int, int] | None = None, binary: bool = True) -> np.ndarray:
    """Read an id mask, uint8 (H, W).

    Args:
        path: PNG file.
        size: required (H, W) of the mask.
        binary: a grey file (mode L, or RGB with equal channels) of only 0 and 255, as in DAVIS 2016, reads
            as object 1. Without it, and in any indexed file (mode P), 255 is void.

    Raises:
        AnnotationError: missing, damaged, coloured, 16-bit, or of a wrong size.
    """
    mask, black_and_white = _read(Path(path), size)
    return mask // 255 if binary and black_and_white else mask


def read_foreground(path: str | Path, size: tuple[int, int] | None = None) -> np.ndarray:
    """Pixels of any object in a mask file, bool (H, W), without void. Errors as :func:`read_id_mask`."""
    mask = read_id_mask(path, size)
    return (mask > 0) & (mask < VOID)


def read_grey_mask(path: str | Path, size: tuple[int, int] | None = None, threshold: int = 128) -> np.ndarray:
    """Read a single-object mask with possibly antialiased edges, as in salient object datasets.

    Args:
        path: PNG, BMP or JPEG file.
        size: required (H, W) of the mask.
        threshold: smallest grey value of foreground; in an indexed file (mode P), any index but 0.

    Returns:
        np.ndarray: uint8 (H, W) of 0 and 1.

    Raises:
        AnnotationError: as :func:`read_id_mask`, except that levels between 0 and 255 are allowed.
    """
    mode, array = _decode(Path(path), size)
    if mode in ('P', '1'):
        return (array > 0).astype(np.uint8)
    return (_grey(Path(path), mode, array, levels=True) >= threshold).astype(np.uint8)


def _read(path: Path, size: tuple[int, int] | None = None) -> tuple[np.ndarray, bool]:
    """Values as stored, and whether it is a grey file of 0 and 255 (with some 255)."""
    mode, array = _decode(path, size)
    if mode in ('P', '1'):
        return array.astype(np.uint8, copy=False), False
    grey = _grey(path, mode, array)
    return grey, bool(grey.any()) and not ((grey > 0) & (grey < 255)).any()


def _decode(path: Path, size: tuple[int, int] | None) -> tuple[str, np.ndarray]:
    """Pillow's mode, and the pixel values."""
    data = read_image_data(
        path, AnnotationError, 'mask not found. Check the annotation folder and the frame list.'
    )
    try:
        _check_png(data)
        with open_pillow(data) as image:
            found = image.height, image.width
            if size is None or found == tuple(size):
                return image.mode, np.asarray(image)
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise AnnotationError(
            f'{path}: damaged {path.suffix[1:].upper()} ({error}). Copy or export it again.'
        ) from None
    raise AnnotationError(
        f'{path}: mask is {found[1]}x{found[0]}, its frame is {size[1]}x{size[0]}. '
        "Use annotations of the frames' own resolution."
    )


def _check_png(data: bytes) -> None:
    """Raise ValueError for a PNG with a wrong checksum, which Pillow would decode to wrong ids.

    Pillow's own ``verify`` would open the file a second time.
    """
    at = len(PNG_SIGNATURE)
    while data.startswith(PNG_SIGNATURE) and not data.startswith(b'IEND', at + 4):
        end = at + 8 + int.from_bytes(data[at : at + 4], 'big')
        if end + 4 > len(data):
            raise ValueError('it ends early')
        if zlib.crc32(data[at + 4 : end]) != int.from_bytes(data[end : end + 4], 'big'):
            raise ValueError(f'wrong checksum at byte {end}')
        at = end + 4


def _grey(path: Path, mode: str, array: np.ndarray, levels: bool = False) -> np.ndarray:
    """The single channel of a grey file; RGB files may contain only 0 and 255, unless ``levels``."""
    if mode in ('RGB', 'RGBA', 'LA'):
        colours = array[..., : 1 if mode == 'LA' else 3]
        coloured = (colours != colours[..., :1]).any()
        if coloured or not (levels or np.isin(colours, (0, 255)).all()):
            raise AnnotationError(
                f'{path}: expected an indexed mask (mode P or L), found {mode}. Antialiased or coloured '
                'masks create phantom objects; save it indexed, for example with '
                'vosplug.formats.write_id_mask.'
            )
        return colours[..., 0]
    if mode != 'L':
        raise AnnotationError(
            f'{path}: expected an 8-bit indexed mask (mode P or L), found mode {mode}. Save it as uint8: '
            'ids of objects are 1 to 254, and 255 is void.'
        )
    return array


def write_id_mask(path: str | Path, mask: np.ndarray) -> None:
    """Write an id mask as a PNG of mode P with the DAVIS palette, atomically.

    Args:
        path: target file; parent folders are created.
        mask: uint8 (H, W).
    """
    path = Path(path)
    if mask.dtype != np.uint8 or mask.ndim != 2 or not mask.size:
        raise AnnotationError(f'{path}: expected a uint8 (H, W) mask, found {mask.dtype} {mask.shape}.')
    image = Image.fromarray(mask)
    # converts mode L to P
    image.putpalette(davis_palette().tobytes())
    with atomic_path(path) as partial:
        image.save(partial, format='PNG')


def mask_paths(
    folder: str | Path,
    suffixes: Collection[str] = ('.png',),
    missing: str = 'no such folder of masks; expected one per annotated frame.',
) -> dict[str, Path]:
    """Masks in a folder by their stems.

    Args:
        folder: of the masks; hidden files in it are ignored.
        suffixes: of masks, in lower case; the case of files' suffixes is ignored.
        missing: what the message says if there is no such folder.

    Raises:
        AnnotationError: no such folder, or two files with one stem.
    """
    found: dict[str, Path] = {}
    for path in sorted(list_folder(Path(folder), AnnotationError, missing)):
        if path.suffix.lower() in suffixes:
            if path.stem in found:
                raise AnnotationError(
                    f'{path}: a second mask of frame {path.stem}, besides {found[path.stem].name}. Keep one.'
                )
            found[path.stem] = path
    return found


class MaskFolderAnnotation(VideoAnnotation):
    """Masks of one video in a folder, ``<frame name>.png``; frames without a file have no masks.

    Args:
        folder: the video's annotation folder.
        frame_names: names of the video's frames, in order.
        source: the video, whose size the masks must match; None skips the check.
        required: whether every frame must have a mask file.
        binary: see :func:`read_id_mask`; None: decided by the video's first mask that is not all 0, so that
            an all-void grey mask in a multi-object video does not become object 1.

    Raises:
        AnnotationError: no folder, no mask for any frame, two for one, or (with ``required``) a missing file.
    """

    def __init__(
        self,
        folder: str | Path,
        frame_names: Sequence[str],
        source: VideoSource | None = None,
        required: bool = False,
        binary: bool | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._binary = binary
        self._frame_names = list(frame_names)
        self._source = source
        missing = 'no such annotation folder; expected a mask <frame name>.png per annotated frame.'
        self._paths = mask_paths(self.folder, missing=missing)
        self._annotated = [t for t, name in enumerate(self._frame_names) if name in self._paths]
        self._has_mask = set(self._annotated)
        if not self._annotated:
            raise AnnotationError(
                f'{folder}: none of its PNG files is named like a frame of the video '
                f'({self._frame_names[0]}.png, ...).'
            )
        if required and len(self._annotated) < len(self._frame_names):
            missing = next(n for n in self._frame_names if n not in self._paths)
            raise AnnotationError(
                f'{self.folder / (missing + ".png")}: mask not found; every frame needs one here.'
            )

    def mask(self, t: int) -> np.ndarray | None:
        """See :class:`VideoAnnotation`."""
        if t not in self._has_mask:
            return None
        return self.read(self._frame_names[t])

    def read(self, frame: str) -> np.ndarray:
        """Id mask of a frame by its name.

        Raises:
            AnnotationError: see :func:`read_id_mask`.
        """
        size = self._source.size if self._source else None
        mask, black_and_white = _read(self._path(frame), size)
        return mask // 255 if black_and_white and self.binary else mask

    @property
    def binary(self) -> bool:
        """Whether grey masks of 0 and 255 show object 1."""
        if self._binary is None:
            masks = (_read(self._path(self._frame_names[t])) for t in self._annotated)
            self._binary = next((grey for mask, grey in masks if mask.any()), False)
        return self._binary

    def _path(self, frame: str) -> Path:
        return self._paths.get(frame, self.folder / f'{frame}.png')

    def annotated_frames(self) -> list[int]:
        """See :class:`VideoAnnotation`."""
        return list(self._annotated)
