"""Videos with box annotations, as read from an annotation file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..files import is_file
from ..structures import ImageFolderSource, VideoSource, open_video
from ..structures.box_ops import in_image

# reasons why a box is unusable
TWICE = 'object twice in the frame'
NOT_FINITE = 'box not finite'
NO_AREA = 'box without area'
OUTSIDE = 'box outside the image'


@dataclass
class BoxTrack:
    """Boxes of one object.

    Attributes:
        source_id: id in the annotation file.
        category: category in the file, ``'object'`` if it has none.
        boxes: frame name -> boxes float32 (4,) xyxy in pixels, as given: more than one if the file has the
            object twice in a frame.
    """

    source_id: str
    category: str = 'object'
    boxes: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def add(self, frame: str, box: Sequence[float]) -> None:
        """Add a box, xyxy."""
        self.boxes.setdefault(frame, []).append(np.asarray(box, np.float32))


@dataclass
class BoxVideo:
    """One video to label.

    Attributes:
        name: unique in its dataset.
        frames: names of the frames to label, in order; some of them may be missing.
        files: frame name -> its image file relative to ``root``, hypothetical for a video file.
        tracks: object id (1..254) -> its boxes.
        root: folder of the videos.
        path: folder or file of this video; None: its frames are those of ``files``.
    """

    name: str
    frames: list[str]
    files: Mapping[str, str]
    tracks: dict[int, BoxTrack]
    root: Path
    path: Path | None = None

    def open(self) -> VideoSource:
        """Open the existing frames; the source may have more frames than ``frames``.

        Raises:
            VideoError: no frame exists.
        """
        if self.path is not None:
            return open_video(self.path)
        paths = [self.root / self.files[frame] for frame in self.frames]
        found = [path for path in paths if is_file(path)]
        return ImageFolderSource(paths[0].parent, found)

    def file_sizes(self) -> list[int | None]:
        """Sizes in bytes of the frames' files, or of the video's, None if missing; used to detect changes."""
        if self.path is not None and is_file(self.path):
            paths = [self.path]
        else:
            paths = [self.root / self.files[frame] for frame in self.frames]
        return [path.stat().st_size if is_file(path) else None for path in paths]

    @property
    def num_boxes(self) -> int:
        """Number of boxes of all objects and frames."""
        return sum(len(track.boxes) for track in self.tracks.values())


def why_unusable(boxes: Sequence[np.ndarray], size: tuple[int, int]) -> str | None:
    """Reason why an object's boxes in a frame of (H, W) pixels are unusable; None for one usable box."""
    if len(boxes) > 1:
        return TWICE
    x1, y1, x2, y2 = box = boxes[0]
    if not np.isfinite(box).all():
        return NOT_FINITE
    if x2 <= x1 or y2 <= y1:
        return NO_AREA
    return None if in_image(box, size) else OUTSIDE
