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
        test_cfg: options of the tracker, which override those of its config, so that all configs have them in
            ``model.test_cfg``.

    Raises:
        ConfigError: ``test_cfg`` for a tracker that is built already.
    """

    def __init__(self, tracker: Any, test_cfg: dict | None = None) -> None:
        super().__init__()
        if isinstance(tracker, dict):
            if test_cfg:
                tracker = {**tracker, 'test_cfg': {**(tracker.get('test_cfg') or {}), **test_cfg}}
            tracker = MODELS.build(tracker)
        elif test_cfg:
            raise ConfigError('StreamingModel.test_cfg: the tracker is already built; pass test_cfg to it.')
        self.tracker = tracker

    def forward(self, inputs: Any, data_samples: Any = None, mode: str = 'predict') -> list:
        """mmengine's entry point; see :meth:`StreamingSegmentor.predict`.

        Raises:
            ConfigError: a mode other than ``'predict'``.
        """
        if mode != 'predict':
            raise ConfigError(f'StreamingModel: found mode {mode!r}, expected predict; it cannot be trained.')
        return self.tracker.predict(inputs, data_samples)

    def stream(
        self,
        source: VideoLike,
        prompts: Mapping[int, Iterable[ObjectPrompt]],
        return_probs: bool = False,
    ) -> Iterator[FrameResult]:
        """See :meth:`StreamingSegmentor.stream`."""
        return self.tracker.stream(source, prompts, return_probs)
