"""Manual masks of some objects in some frames."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from ..errors import AnnotationError
from ..files import is_dir
from ..formats.mask_folder import MaskFolderAnnotation, mask_paths
from ..structures import VideoSource, boxes_of_mask, single_object


class ManualMasks:
    """A folder of manual id masks, ``<video>/<frame>.png``.

    Pixels with 255 are ignored.

    Args:
        folder: of the masks.
        rule: which of an object's masks are used: ``'middle'``, the one nearest to the middle of the frames
            in which the object has a box (Voigtlaender et al. 2021, Sec. 3.1); ``'first'``; ``'all'``; or
            the name of a frame.

    Raises:
        AnnotationError: no such folder.
    """

    def __init__(self, folder: str | Path, rule: str = 'middle') -> None:
        self.folder, self.rule = Path(folder), rule
        if not is_dir(self.folder):
            raise AnnotationError(f'{folder}: no such folder of masks; expected <video>/<frame>.png in it.')

    def of_video(
        self, name: str, frames: list[str], shown: dict[int, list[str]], source: VideoSource
    ) -> dict[int, dict[str, np.ndarray]]:
        """Manual masks of a video's objects.

        Args:
            name: of the video.
            frames: names of its frames, in order.
            shown: object id -> names of the frames in which it has a box, in order.
            source: the video, whose size the masks must match.

        Returns:
            dict: object id -> frame name -> uint8 (H, W), 1 the object, 0 everything else, 255 void; objects
            without masks are left out.

        Raises:
            AnnotationError: a damaged mask or one of a wrong size; with the rule ``'all'`` also a mask of a
                frame or object without boxes in this video.
        """
        folder = self.folder / name
        if not is_dir(folder):
            return {}
        annotation = MaskFolderAnnotation(folder, frames, source)
        there = [frames[t] for t in annotation.annotated_frames()]
        read = cache(annotation.read)
        if self.rule == 'all':
            self._check_frames(folder, frames)
            return self._all(folder, read, there, set(shown))
        found = {}
        for object_id, of_object in shown.items():
            candidates = [frame for frame in self._in_order(of_object) if frame in there]
            masks = ((frame, single_object(read(frame), object_id)) for frame in candidates)
            first = next(((frame, mask) for frame, mask in masks if (mask == 1).any()), None)
            if first:
                found[object_id] = dict([first])
        return found

    def _in_order(self, frames: list[str]) -> list[str]:
        """An object's frames, in order of preference by the rule."""
        if self.rule == 'middle':
            middle = len(frames) // 2
            return sorted(frames, key=lambda frame: abs(frames.index(frame) - middle))
        return frames if self.rule == 'first' else [self.rule]

    @staticmethod
    def _all(
        folder: Path, read: Callable[[str], np.ndarray], frames: list[str], known: set[int]
    ) -> dict[int, dict[str, np.ndarray]]:
        found: dict[int, dict[str, np.ndarray]] = {}
        for frame in frames:
            for object_id in boxes_of_mask(read(frame)):
                if object_id not in known:
                    raise AnnotationError(
                        f'{folder / frame}.png: shows object {object_id}, but the video only has boxes of '
                        f'objects {sorted(known)}. Correct the mask, or add boxes.'
                    )
                found.setdefault(object_id, {})[frame] = single_object(read(frame), object_id)
        return found

    @staticmethod
    def _check_frames(folder: Path, frames: list[str]) -> None:
        unknown = sorted(set(mask_paths(folder)) - set(frames))
        if unknown:
            raise AnnotationError(
                f'{folder / unknown[0]}.png: the video has no such frame among those with boxes ({frames[0]} '
                f'to {frames[-1]}). Rename the mask, or add boxes of that frame.'
            )
