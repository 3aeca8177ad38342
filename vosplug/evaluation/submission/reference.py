"""Expected results of a dataset: sequences, frames, sizes and prompted objects."""

from dataclasses import dataclass
from pathlib import Path

from ...errors import AnnotationError, ConfigError, VideoError
from ...files import is_dir, is_file, natural_key
from ...formats.image_set import read_image_set
from ...formats.text_file import read_lines
from ...structures.image_file import IMAGE_SUFFIXES, image_size
from .archive import visible


@dataclass(frozen=True)
class Reference:
    """The dataset against which results are checked; at least one of the folders is given.

    Attributes:
        gt: given annotations: a folder of masks per sequence, or boxes as ``<sequence>.txt`` or
            ``<sequence>/groundtruth.txt``.
        frames: a folder of images per sequence, one for every frame that the server expects.
        image_set: file that lists the sequences; by default those of ``gt``, otherwise of ``frames``.

    Raises:
        ConfigError: no folder given, or one that does not exist.
    """

    gt: Path | None = None
    frames: Path | None = None
    image_set: Path | None = None

    def __post_init__(self) -> None:
        if not self._folders:
            raise ConfigError(
                'submission: neither annotations (gt) nor frames given, so the files that the server '
                'expects are unknown. Give at least one of the folders.'
            )
        for folder in self._folders:
            if not is_dir(folder):
                raise ConfigError(f'{folder}: no such folder; expected one with every sequence.')

    @property
    def _folders(self) -> list[Path]:
        """The given folders, annotations first."""
        return [folder for folder in (self.gt, self.frames) if folder is not None]

    def sequences(self) -> list[str]:
        """Names of the sequences to submit.

        Raises:
            AnnotationError: there are none.
        """
        if self.image_set is not None:
            return read_image_set(self.image_set)
        folder = self._folders[0]
        files = visible(folder)
        names = [p.name for p in files if p.is_dir()] or [p.stem for p in files if p.suffix == '.txt']
        if not names:
            raise AnnotationError(f'{folder}: no sequence; expected a folder or a text file per sequence.')
        return sorted(names)

    def masks(self, sequence: str) -> list[Path]:
        """The sequence's given masks, in order; none without ``gt``.

        Raises:
            AnnotationError: ``gt`` has none.
        """
        if self.gt is None:
            return []
        folder = self.gt / sequence
        found = [p for p in _images(folder) if p.suffix == '.png']
        if not found:
            raise AnnotationError(
                f'{folder}: no masks; expected a PNG for every given frame of the sequence.'
            )
        return found

    def mask_names(self, sequence: str) -> list[str]:
        """Names of the sequence's frames, in order; from ``frames``, otherwise from the masks of ``gt``.

        Raises:
            AnnotationError: no frames, or no masks.
            ConfigError: no ``frames``, and ``gt`` has only one mask.
        """
        names = self.frame_names(sequence)
        if names is not None:
            return names
        masks = self.masks(sequence)
        if len(masks) == 1:
            raise ConfigError(
                f'{masks[0].parent}: found only the first mask, so the frames are unknown. Give the '
                'folder of frames too.'
            )
        return [p.stem for p in masks]

    def box_count(self, sequence: str) -> int:
        """Number of the sequence's frames; from ``frames``, otherwise from the boxes of ``gt``.

        Raises:
            AnnotationError: no frames, or no boxes.
            ConfigError: no ``frames``, and ``gt`` has only one box.
        """
        names = self.frame_names(sequence)
        if names is not None:
            return len(names)
        path = self.box_file(sequence)
        count = len(read_lines(path))
        if count < 2:
            raise ConfigError(
                f'{path}: found only the first box, so the number of frames is unknown. Give the '
                'folder of frames too.'
            )
        return count

    def box_file(self, sequence: str) -> Path:
        """File of the sequence's given boxes.

        Raises:
            AnnotationError: there is none.
        """
        folder = self._folders[0]
        paths = folder / f'{sequence}.txt', folder / sequence / 'groundtruth.txt'
        for path in paths:
            if is_file(path):
                return path
        raise AnnotationError(f'{paths[0]}: no boxes of the sequence, neither here nor in {paths[1]}.')

    def frame_names(self, sequence: str) -> list[str] | None:
        """Names of the sequence's images, in order; None without ``frames``.

        Raises:
            AnnotationError: there are none.
        """
        if self.frames is None:
            return None
        names = [p.stem for p in _images(self.frames / sequence)]
        if not names:
            raise AnnotationError(f'{self.frames / sequence}: no frames; expected an image per frame.')
        return names

    def size(self, sequence: str) -> tuple[int, int] | None:
        """(H, W) from the header of the first given mask or the first frame; None without either.

        Raises:
            VideoError: the file is damaged.
        """
        path = next((image for folder in self._folders for image in _images(folder / sequence)), None)
        if path is None:
            return None
        return image_size(path, VideoError)


def _images(folder: Path) -> list[Path]:
    """Images of a folder in natural name order; empty if there is no such folder."""
    found = visible(folder) if is_dir(folder) else []
    return sorted((p for p in found if p.suffix.lower() in IMAGE_SUFFIXES), key=lambda p: natural_key(p.name))
