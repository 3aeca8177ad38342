"""Settings of clip samplers that change during training."""

import math
from collections.abc import Collection
from typing import NamedTuple

import torch

from ..errors import ConfigError
from .draws import current_iteration

FRAMES = ('annotated', 'all')
_MOST_CHANGES = 256
_UNCHANGED = -1


class ClipSettings(NamedTuple):
    """Settings that clips are drawn with; see :class:`~.clip_sampler.ClipSampler`."""

    max_gap: int
    num_frames: tuple[int, int]  # least and most
    frames: str


def check_settings(max_gap: int, num_frames: int | tuple[int, int], frames: str) -> ClipSettings:
    """Checked settings as a record.

    Raises:
        ConfigError: a number below 1, a minimum above the maximum, or an unknown kind of frames.
    """
    if max_gap < 1:
        raise ConfigError(f'clip_sampler.max_gap: found {max_gap}, expected 1 or more.')
    limits = (num_frames, num_frames) if isinstance(num_frames, int) else tuple(num_frames)
    if len(limits) != 2 or not 1 <= limits[0] <= limits[1]:
        raise ConfigError(
            f'clip_sampler.num_frames: found {num_frames}, expected 1 or more, or (least, most).'
        )
    if frames not in FRAMES:
        raise ConfigError(f'clip_sampler.frames: found {frames!r}, expected one of {FRAMES}.')
    return ClipSettings(max_gap, limits, frames)


class SettingsTable:
    """Clip settings by training iteration, shared with the workers of a data loader.

    Invariant: a change holds from its iteration until the next one of the same setting, so that a clip's
    settings depend on the iteration that the clip is for, not on when a worker makes it.

    Args:
        first: settings until the first change.
    """

    def __init__(self, first: ClipSettings) -> None:
        # iteration, gap, least and most frames, kind of frames; _UNCHANGED where a change leaves a setting
        self._rows = torch.zeros(_MOST_CHANGES, 5, dtype=torch.int64).share_memory_()
        self._count = torch.ones((), dtype=torch.int64).share_memory_()
        self._rows[0] = torch.tensor([0, *_numbers(first, first._fields)])

    def now(self) -> ClipSettings:
        """Settings of the clip that this process is making; outside of training, the newest ones."""
        iteration = current_iteration()
        return self._settings(math.inf if iteration is None else iteration)

    def _settings(self, iteration: float) -> ClipSettings:
        first, *changes = self._rows[: int(self._count)].tolist()
        held = sorted((row for row in changes if row[0] <= iteration), key=lambda row: row[0])
        columns = zip(first, *held, strict=True)
        _, max_gap, least, most, kind = [
            [value for value in column if value != _UNCHANGED][-1] for column in columns
        ]
        return ClipSettings(max_gap, (least, most), FRAMES[kind])

    def change(self, iteration: int, **changed: object) -> None:
        """Change settings from an iteration on.

        Args:
            iteration: 0 or more; of two changes of a setting at the same one, the later call holds.
            changed: fields of :class:`ClipSettings`.

        Raises:
            ConfigError: a setting out of range, or too many changes.
        """
        settings = check_settings(**(self._settings(iteration)._asdict() | changed))
        count = int(self._count)
        if count == _MOST_CHANGES:
            raise ConfigError(
                f'clip_sampler: change {count} at iteration {iteration}, expected fewer than '
                f'{_MOST_CHANGES} changes.'
            )
        self._rows[count] = torch.tensor([iteration, *_numbers(settings, changed)])
        self._count.fill_(count + 1)  # last, since workers may read at any time


def _numbers(settings: ClipSettings, named: Collection[str]) -> list[int]:
    """Settings as four numbers; those not named are _UNCHANGED."""
    max_gap, frames, kind = settings
    numbers = dict(max_gap=[max_gap], num_frames=[*frames], frames=[FRAMES.index(kind)])
    return [n if key in named else _UNCHANGED for key, values in numbers.items() for n in values]
