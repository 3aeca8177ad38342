"""What a dataset yields for testing."""

from dataclasses import dataclass, field

from .annotation import VideoAnnotation
from .prompts import Prompts
from .video_source import VideoSource


@dataclass
class VideoSample:
    """One test video.

    Attributes:
        name: sequence name, unique in its dataset.
        source: the frames, read lazily.
        prompts: what the method is given.
        annotation: ground truth, read lazily; None when there is none.
        eval_frames: frame indices a metric should look at (the protocol may leave some out).
        categories: object id -> category name, where the dataset knows it.
        metainfo: anything else of the dataset, such as attributes.
    """

    name: str
    source: VideoSource
    prompts: Prompts
    annotation: VideoAnnotation | None = None
    eval_frames: list[int] = field(default_factory=list)
    categories: dict[int, str] = field(default_factory=dict)
    metainfo: dict = field(default_factory=dict)
