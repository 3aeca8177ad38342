"""Test samples of video datasets."""

from dataclasses import dataclass, field

from ..errors import AnnotationError, PromptError
from .annotation import VideoAnnotation
from .prompts import Prompts
from .video_source import VideoSource


@dataclass
class VideoSample:
    """One test video.

    Attributes:
        name: sequence name, unique in its dataset.
        source: the frames, read lazily.
        prompts: input of the method; None where finished results are scored.
        annotation: ground truth, read lazily; None when there is none.
        eval_frames: frame indices a metric should evaluate (the protocol may leave some out).
        categories: object id -> category name, where the dataset knows it.
        metainfo: other metadata of the dataset, such as attributes.
    """

    name: str
    source: VideoSource
    prompts: Prompts | None
    annotation: VideoAnnotation | None = None
    eval_frames: list[int] = field(default_factory=list)
    categories: dict[int, str] = field(default_factory=dict)
    metainfo: dict = field(default_factory=dict)

    def require_prompts(self) -> Prompts:
        """The prompts.

        Raises:
            PromptError: there are none.
        """
        if self.prompts is None:
            raise PromptError(f'video {self.name}: no prompts. Give at least one object in some frame.')
        return self.prompts

    def require_annotation(self) -> VideoAnnotation:
        """The ground truth.

        Raises:
            AnnotationError: there is none.
        """
        if self.annotation is None:
            raise AnnotationError(f'video {self.name}: no ground truth to score against.')
        return self.annotation
