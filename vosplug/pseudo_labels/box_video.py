"""Videos whose objects are known by boxes, as they come from an annotation file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..structures import ImageFolderSource, VideoSource, open_video

# why a box cannot be used
TWICE = 'object twice in the frame'
NOT_FINITE = 'box not finite'
NO_AREA = 'box without area'
OUTSIDE = 'box outside of the image'


@dataclass
class BoxTrack:
    """Boxes of one object.

    Attributes:
        source_id: what the annotation file calls it.
        category: its name there, ``'object'`` where the file has none.
        boxes: frame name -> boxes float32 (4,) xyxy in pixels, as they were given: more than one where the
            file names the object twice in a frame.
    """

    source_id: str
    category: str = 'object'
    boxes: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def add(self, frame: str, box: Sequence[float]) -> None:
        """Take a box, xyxy."""
        self.boxes.setdefault(frame, []).append(np.asarray(box, np.float32))


@dataclass
class BoxVideo:
    """One video to make masks for.

    Attributes:
        name: unique in its dataset.
        frames: names of the frames to label, in order; some of them may not be there.
        files: frame name -> its picture, relative to ``root`` or, for a video file, as it would be called.
        tracks: object id (1..254) -> its boxes.
        root: folder of the videos.
        path: the folder or file of this one; None: its frames are those of ``files``.
    """

    name: str
    frames: list[str]
    files: Mapping[str, str]
    tracks: dict[int, BoxTrack]
    root: Path
    path: Path | None = None

    def open(self) -> VideoSource:
        """The frames that are there; its names are those of ``frames``, or more.

        Raises:
            VideoError: there are none.
        """
        if self.path is not None:
            return open_video(self.path)
        paths = [self.root / self.files[frame] for frame in self.frames]
        found = [path for path in paths if path.is_file()]
        return ImageFolderSource(paths[0].parent, found)

    def file_sizes(self) -> list[int | None]:
        """Bytes of the frames' files, or of the video's, None where there is none: they tell what changed."""
        if self.path is not None and self.path.is_file():
            paths = [self.path]
        else:
            paths = [self.root / self.files[frame] for frame in self.frames]
        return [path.stat().st_size if path.is_file() else None for path in paths]

    @property
    def num_boxes(self) -> int:
        """Boxes of all objects and frames."""
        return sum(len(track.boxes) for track in self.tracks.values())


def why_unusable(boxes: Sequence[np.ndarray], size: tuple[int, int]) -> str | None:
    """What is wrong with an object's boxes in a frame of (H, W) pixels; None if it is one good box."""
    if len(boxes) > 1:
        return TWICE
    x1, y1, x2, y2 = box = boxes[0]
    if not np.isfinite(box).all():
        return NOT_FINITE
    if x2 <= x1 or y2 <= y1:
        return NO_AREA
    # a box between two pixel centres at the border covers none
    if x2 <= 0.5 or y2 <= 0.5 or x1 >= size[1] - 0.5 or y1 >= size[0] - 0.5:
        return OUTSIDE
    return None
