"""Grey masks of one video, a folder per object, as SegTrack v2 and YouTube-Objects store them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ..errors import AnnotationError
from ..structures import VideoAnnotation, VideoSource, merge_object_masks
from ..structures.image_file import IMAGE_SUFFIXES
from .mask_folder import mask_paths, read_grey_mask


class GreyMaskAnnotation(VideoAnnotation):
    """Masks ``<folder>/<frame name>`` with any image suffix; frames without files have no masks.

    Grey values of 128 and above are the object. Where objects overlap, the id mask shows the smaller one.

    Args:
        folders: object id -> folder.
        frame_names: names of the video's frames, in order.
        source: the video, whose size the masks must match.

    Raises:
        AnnotationError: no folder, no mask for any frame, two masks for one, or a frame with masks of some
            objects only.
    """

    def __init__(self, folders: Mapping[int, Path], frame_names: Sequence[str], source: VideoSource) -> None:
        self._names, self._source = list(frame_names), source
        self._paths = {object_id: mask_paths(folder, IMAGE_SUFFIXES) for object_id, folder in folders.items()}
        present = set().union(*self._paths.values())
        self._annotated = [t for t, name in enumerate(self._names) if name in present]
        if not self._annotated:
            raise AnnotationError(
                f'{next(iter(folders.values()))}: none of its masks is named like a frame of the video '
                f'({self._names[0]}, ...).'
            )
        for object_id, folder in folders.items():
            names = [self._names[t] for t in self._annotated]
            missing = [name for name in names if name not in self._paths[object_id]]
            if missing:
                raise AnnotationError(
                    f'{folder}: no mask of frame {missing[0]}, which other objects have ({len(missing)} '
                    'frames). Add it, all 0 if the object is absent.'
                )

    def mask(self, t: int) -> np.ndarray | None:
        """See :class:`VideoAnnotation`."""
        name, size = self._names[t], self._source.size
        masks = {i: read_grey_mask(paths[name], size) for i, paths in self._paths.items() if name in paths}
        return merge_object_masks(masks, size) if masks else None

    def annotated_frames(self) -> list[int]:
        """See :class:`VideoAnnotation`."""
        return list(self._annotated)
