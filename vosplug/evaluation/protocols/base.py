"""Base classes of protocols, which score videos one by one and summarise them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import ClassVar

from ...errors import ConfigError, VOSError
from ...structures import FrameResult, VideoSample
from ..scores import Scores


class RunningScores(ABC):
    """Accumulates the scores of one video frame by frame; stores numbers, never masks.

    Args:
        video: its name and length are kept, not its frames.
        frames: indices of the frames to score.

    Attributes:
        name: the video's.
        last_frame: index of the video's last frame.
        newest: index of the latest result, -1 before the first.
    """

    def __init__(self, video: VideoSample, frames: Iterable[int]) -> None:
        self.name = video.name
        self.last_frame = len(video.source) - 1
        self.newest = -1
        self._pending = set(frames)

    def add(self, video: VideoSample, result: FrameResult) -> None:
        """Score one frame; results must come in frame order, unscored frames are ignored.

        Raises:
            AnnotationError: prediction and ground truth do not fit.
            VOSError: a result out of order.
        """
        where = f'video {self.name}, frame {result.name}'
        if result.index <= self.newest:
            raise VOSError(
                f'{where}: result {result.index} came after result {self.newest}. Pass each frame once, in '
                'order, and finish a video before starting it again; video names must be unique.'
            )
        self.newest = result.index
        if result.index in self._pending:
            self._pending.remove(result.index)
            self._score(video, result, where)

    @abstractmethod
    def _score(self, video: VideoSample, result: FrameResult, where: str) -> None:
        """Score a frame."""

    def finish(self) -> dict:
        """The video's entry, plain and picklable: ``video`` (its name) and protocol-specific values.

        Raises:
            VOSError: a frame to score had no result.
        """
        if self._pending:
            raise VOSError(
                f'video {self.name}: no result for {len(self._pending)} frames to score, the first is '
                f'{min(self._pending)}. A method must yield every frame.'
            )
        return dict(video=self.name, **self._entry())

    @abstractmethod
    def _entry(self) -> dict:
        """The values of the video that :meth:`Protocol.summarise` needs."""


class Protocol(ABC):
    """Rules of a benchmark. A protocol is immutable and picklable: worker processes get a copy.

    Attributes:
        name: as written to reports.
        compat: the evaluator whose conventions it reproduces, or None.
        layout: layout of predictions and ground truth on disk, a key of ``folders.LAYOUTS``.
    """

    name: str
    compat: str | None = None
    layout: ClassVar[str] = 'masks'

    @abstractmethod
    def start(self, video: VideoSample) -> RunningScores:
        """Start scoring a video.

        Raises:
            AnnotationError: it has nothing to score.
        """

    @abstractmethod
    def summarise(self, entries: list[dict]) -> Scores:
        """Scores of all videos, at least one, from the entries returned by ``RunningScores.finish``."""


class ProtocolRegistry(dict[str, Callable[..., Protocol]]):
    """Mapping from protocol name to a class or function that takes its options.

    Not mmengine's Registry, since importing it takes as long as scoring a hundred frames.

    Example:
        >>> @PROTOCOLS.register_module(name='mine')  # doctest: +SKIP
        ... def mine() -> Protocol:
        ...     return DAVISProtocol('mine')
    """

    def register_module(self, name: str) -> Callable[[Callable[..., Protocol]], Callable[..., Protocol]]:
        """Decorator that adds a protocol.

        Raises:
            ConfigError: the name is taken.
        """
        if name in self:
            raise ConfigError(f'protocol {name!r}: already registered; choose another name.')

        def add(build: Callable[..., Protocol]) -> Callable[..., Protocol]:
            self[name] = build
            return build

        return add


PROTOCOLS = ProtocolRegistry()


# options of protocols that are paths
_FILES = {'attributes', 'meta'}


def build_protocol(protocol: str | dict | Protocol) -> Protocol:
    """A protocol from its name in ``PROTOCOLS``, or from a config with options.

    Raises:
        ConfigError: no protocol of that name, or an option that it does not have.

    Example:
        >>> build_protocol(dict(type='davis2017', compat='davis2017-evaluation')).compat
        'davis2017-evaluation'
    """
    if isinstance(protocol, Protocol):
        return protocol
    config = dict(protocol) if isinstance(protocol, Mapping) else dict(type=protocol)
    name = config.pop('type', None)
    if not isinstance(name, str) or name not in PROTOCOLS:
        raise ConfigError(f'protocol: found {name!r}, expected one of {sorted(PROTOCOLS)}.')
    for key in _FILES & config.keys():
        if not isinstance(config[key], str | Path | None):
            raise ConfigError(
                f'protocol {name}, {key}: found {config[key]!r:.80}, expected the path of a file.'
            )
    try:
        return PROTOCOLS[name](**config)
    except TypeError as error:
        raise ConfigError(f'protocol {name}: {error}. Its options are in the documentation.') from None
