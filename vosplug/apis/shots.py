"""Handling of scene cuts in tracking."""

import bisect
import sys
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from ..errors import ConfigError
from ..structures import FrameResult, ObjectPrompt
from ..structures.scene_cuts import CutDetector

ON_CUT = ('warn', 'stop', 'ignore')


class ShotFilter:
    """Detects scene cuts, and distrusts objects in shots without a prompt for them.

    Args:
        on_cut: ``'warn'`` lowers their presence, with a warning; ``'stop'`` removes them; ``'ignore'`` does
            nothing.
        prompts: frame -> prompts.
        ahead: all frames with their indices, if prompts act backwards: they then cover the whole shot, whose
            end must be known in advance; None: they cover their own frame and the later ones.

    Attributes:
        cuts: first frames of all shots known so far, except the first shot.

    Raises:
        ConfigError: another value of ``on_cut``.
    """

    def __init__(
        self,
        on_cut: str,
        prompts: Mapping[int, Iterable[ObjectPrompt]],
        ahead: Iterable[tuple[int, np.ndarray]] | None = None,
    ) -> None:
        if on_cut not in ON_CUT:
            raise ConfigError(f'on_cut: found {on_cut!r:.80}, expected one of {ON_CUT}.')
        self.on_cut, self.cuts = on_cut, list[int]()
        self._prompted: dict[int, list[int]] = {}  # object -> frames
        for t, given in prompts.items():
            for prompt in given:
                self._prompted.setdefault(prompt.object_id, []).append(t)
        self._distances: list[float] = []  # of the cuts
        self._detect = CutDetector()
        self._warned: int | None = None  # the last shot with a warning
        self._knows_all = ahead is not None
        if ahead is not None and on_cut != 'ignore':
            for t, image in ahead:
                self._look(t, image)

    def _look(self, t: int, image: np.ndarray) -> None:
        distance = self._detect(image)
        if distance:
            self.cuts.append(t)
            self._distances.append(distance)

    def __call__(self, image: np.ndarray, result: FrameResult) -> FrameResult:
        """Adjust the result of the next frame; frames come in order.

        Args:
            image: the frame, uint8 (H, W, 3) BGR.
            result: what the model found in it.
        """
        t = result.index
        if self.on_cut != 'ignore' and not self._knows_all:
            self._look(t, image)
        if not self.cuts:
            return result
        shot = bisect.bisect_right(self.cuts, t)
        start = self.cuts[shot - 1] if shot else 0
        end = t + 1
        if self._knows_all:
            end = self.cuts[shot] if shot < len(self.cuts) else sys.maxsize
        doubted = [i for i in result.scores if not any(start <= p < end for p in self._prompted.get(i, ()))]
        if not doubted:
            return result
        if shot != self._warned:
            self._warned = shot
            self._warn(shot, doubted)
        kept = 0.0 if self.on_cut == 'stop' else 1 - self._distances[max(shot - 1, 0)]
        presence = {i: p * (kept if i in doubted else 1) for i, p in result.presence.items()}
        if self.on_cut == 'warn':
            return replace(result, presence=presence)
        mask = np.where(np.isin(result.mask, doubted), 0, result.mask).astype(np.uint8)
        scores = result.scores | dict.fromkeys(doubted, 0.0)
        return replace(result, mask=mask, presence=presence, scores=scores)

    def _warn(self, shot: int, doubted: list[int]) -> None:
        where = f'scene cut at frame {self.cuts[shot - 1]}'
        if not shot:  # where prompts act backwards
            where = f'before the scene cut at frame {self.cuts[0]}'
        effect = 'are removed' if self.on_cut == 'stop' else 'may be wrong'
        warnings.warn(
            f'{where}: masks of objects {doubted} {effect} where no prompt follows.',
            stacklevel=3,
        )
