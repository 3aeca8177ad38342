"""Scores of finished test videos on disk, so that an interrupted test can be resumed."""

import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import torch
from mmengine.config import Config
from mmengine.logging import print_log
from torch import nn

from ..atomic import atomic_path
from ..errors import VOSError
from ..files import read_regular
from ..formats import exact_json
from ..structures import VideoSample
from ..version import __version__

# of a metric: they change where numbers go, not the results of a video
_OUTPUT_OPTIONS = ('out_file', 'prefix', 'collect_device', 'collect_dir')


class FinishedVideos:
    """One small file per video with the results of its metrics, and what they depend on.

    Args:
        folder: of the files.
        settings: fingerprint of the model and of the rules, by :func:`settings_of`.
    """

    def __init__(self, folder: str | Path, settings: str) -> None:
        self.folder, self.settings = Path(folder), settings

    def save(self, video: VideoSample, results: list[list], masks: str) -> None:
        """Store the results of a video; those that cannot be stored are logged, and cannot be resumed.

        Args:
            video: it is complete.
            results: of each metric.
            masks: digest of its predicted masks, SHA-256 of their bytes in frame order.
        """
        try:
            text = exact_json.dumps([self._key(video), masks, results])
        except TypeError as error:
            print_log(f'{video.name}: cannot be resumed, {error}', logger='current', level=logging.WARNING)
            return
        with atomic_path(self._path(video), durable=True) as partial:
            partial.write_text(text, 'utf-8')

    def load(self, video: VideoSample, is_written: Callable[[str], bool]) -> list[list] | None:
        """Results of a video; None if it is not finished, or was with other settings.

        Args:
            video: to look for.
            is_written: from the digest of its masks, whether its output files are there.
        """
        path = self._path(video)
        if not path.exists():
            return None
        try:
            key, masks, results = exact_json.loads(read_regular(path, VOSError).decode())
        except (ValueError, TypeError, KeyError) as error:
            print_log(f'{path}: {error}; tested again.', logger='current', level=logging.WARNING)
            return None
        if key != self._key(video):
            print_log(f'{video.name}: finished with other settings, tested again.', logger='current')
            return None
        if not is_written(masks):
            print_log(
                f'{video.name}: finished, but its output files are incomplete; tested again.',
                logger='current',
            )
            return None
        return results

    def _path(self, video: VideoSample) -> Path:
        # a long name would not be one of a file
        name = quote(video.name, safe='')
        return self.folder / f'{name[:150]}.{_digest(video.name)[:8]}.json'

    def _key(self, video: VideoSample) -> str:
        prompts = [
            [t, p.object_id, p.kind, hashlib.sha256(np.asarray(getattr(p, p.kind)).tobytes()).hexdigest()]
            for t, given in (video.prompts or {}).items()
            for p in given
        ]
        return _digest([self.settings, video.name, video.source.frame_names, video.eval_frames, prompts])


def settings_of(cfg: Config, model: nn.Module) -> str:
    """Fingerprint of what the results of a video depend on, beside the video itself.

    The version of vosplug, the config's model, test dataset and evaluator, and the weights.
    """
    evaluators = cfg.get('test_evaluator', [])
    metrics = [
        {key: value for key, value in metric.items() if key not in _OUTPUT_OPTIONS}
        if isinstance(metric, dict)
        else type(metric).__name__
        for metric in (evaluators if isinstance(evaluators, (list, tuple)) else [evaluators])
    ]
    weights = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        weights.update(name.encode())
        if torch.is_tensor(value):
            value = value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()
        else:  # a module's extra state
            value = repr(value).encode()
        weights.update(value)
    dataset = cfg.get('test_dataloader', {}).get('dataset')
    return _digest([__version__, cfg.get('model'), dataset, metrics, weights.hexdigest()])


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
