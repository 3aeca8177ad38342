"""Optical flow cached on disk."""

import hashlib
import json
from pathlib import Path

import numpy as np

from ...errors import ConfigError, FlowError
from ...formats.flow_file import read_flo, write_flo
from ...registry import MODELS
from .base import ImagePairFlow, check_flow


@MODELS.register_module()
class CachedFlow(ImagePairFlow):
    """Caches the flow of each pair of images on disk, in ``<folder>/<2 digits>/<62 digits>.flo``.

    The name is the SHA-256 of the provider's class and settings and of both images. So a changed video or
    option never gets a stale flow, and videos and processes may share a folder. A file takes 8 bytes per
    pixel (3.3 MB at 480x854) and holds exactly the provider's output. Damaged files are recomputed.

    Args:
        provider: an :class:`ImagePairFlow`, or its config.
        folder: of the files; may be deleted at any time.

    Raises:
        ConfigError: another kind of provider, or settings that are not JSON.
    """

    def __init__(self, provider: dict | ImagePairFlow, folder: str | Path) -> None:
        provider = MODELS.build(provider) if isinstance(provider, dict) else provider
        if not isinstance(provider, ImagePairFlow):
            raise ConfigError(
                f'CachedFlow.provider: found {type(provider).__name__}, expected an ImagePairFlow, which '
                'computes flow from two images.'
            )
        self.provider, self.folder = provider, Path(folder)
        kind = type(provider)
        try:
            text = json.dumps([kind.__module__, kind.__qualname__, provider.settings], sort_keys=True)
        except TypeError as error:
            raise ConfigError(f'{kind.__name__}.settings: expected JSON ({error}).') from None
        self._identity = text.encode()

    @property
    def settings(self) -> dict:
        """Settings of the provider."""
        return self.provider.settings

    def between(self, previous: np.ndarray, image: np.ndarray) -> np.ndarray:
        """See the base."""
        path = self._path(previous, image)
        try:
            flow = read_flo(path)
            if flow.shape[:2] == image.shape[:2]:
                return flow
        except FlowError:  # not there yet, or damaged
            pass
        flow = self.provider.between(previous, image)
        check_flow(flow, image.shape[:2], self.provider)
        write_flo(path, flow)
        return flow

    def _path(self, previous: np.ndarray, image: np.ndarray) -> Path:
        digest = hashlib.sha256(self._identity)
        for frame in (previous, image):
            digest.update(frame.tobytes())
        name = digest.hexdigest()
        return self.folder / name[:2] / f'{name[2:]}.flo'
