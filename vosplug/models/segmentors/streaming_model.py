"""Adapter that runs any tracker in a Runner."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mmengine.model import BaseModel

from ...errors import ConfigError
from ...registry import MODELS
from ...structures import FrameResult, ObjectPrompt, VideoLike


@MODELS.register_module()
class StreamingModel(BaseModel):
    """Lets a config test any :class:`~vosplug.models.streaming.StreamingSegmentor`; it cannot be trained.

    Args:
        tracker: config, or the tracker.
    """

    def __init__(self, tracker: Any) -> None:
        super().__init__()
        self.tracker = MODELS.build(tracker) if isinstance(tracker, dict) else tracker

    def forward(self, inputs: Any, data_samples: Any = None, mode: str = 'predict') -> list:
        """mmengine's entry; see :meth:`StreamingSegmentor.predict`.

        Raises:
            ConfigError: another mode than ``'predict'``.
        """
        if mode != 'predict':
            raise ConfigError(f'StreamingModel: found mode {mode!r}, expected predict; it cannot be trained.')
        return self.tracker.predict(inputs, data_samples)

    def test_step(self, data: dict) -> list[Iterator[FrameResult]]:
        """See :meth:`StreamingSegmentor.test_step`."""
        return self.tracker.test_step(data)

    def val_step(self, data: dict) -> list[Iterator[FrameResult]]:
        """Same as :meth:`test_step`."""
        return self.test_step(data)

    def stream(
        self,
        source: VideoLike,
        prompts: Mapping[int, Iterable[ObjectPrompt]],
        return_probs: bool = False,
    ) -> Iterator[FrameResult]:
        """See :meth:`StreamingSegmentor.stream`."""
        return self.tracker.stream(source, prompts, return_probs)
