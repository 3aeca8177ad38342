"""One annotated video of a dataset."""

from dataclasses import dataclass, field

from ..errors import ConfigError
from ..structures import VideoAnnotation, VideoSource


@dataclass
class VideoRecord:
    """One annotated video, opened but not read; its source is given its name."""

    name: str
    source: VideoSource
    annotation: VideoAnnotation
    categories: dict[int, str] = field(default_factory=dict)
    metainfo: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, kind in (('source', VideoSource), ('annotation', VideoAnnotation)):
            if not isinstance(getattr(self, key), kind):
                raise ConfigError(
                    f'video {self.name}: VideoRecord.{key} is a {type(getattr(self, key)).__name__}, '
                    f'expected a {kind.__name__}, such as Array{kind.__name__.removeprefix("Video")}.'
                )
        self.source.name = self.name
