"""Settings of clip samplers that change during training."""

from typing import NamedTuple

import torch

from ..errors import ConfigError
from .draws import current_iteration

FRAMES = ('annotated', 'all')
_MOST_CHANGES = 256


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
    least, most = (num_frames, num_frames) if isinstance(num_frames, int) else num_frames
    if not 1 <= least <= most:
        raise ConfigError(
            f'clip_sampler.num_frames: found {num_frames}, expected 1 or more, or (least, most).'
        )
    if frames not in FRAMES:
        raise ConfigError(f'clip_sampler.frames: found {frames!r}, expected one of {FRAMES}.')
    return ClipSettings(max_gap, (least, most), frames)


class SettingsTable:
    """Clip settings by training iteration, shared with the workers of a data loader.

    Invariant: rows ascend by the iteration from which they hold, so that a clip's settings depend on the
    iteration that the clip is for, not on when a worker makes it.

    Args:
        first: settings until the first change.
    """

    def __init__(self, first: ClipSettings) -> None:
        # iteration, gap, least and most frames, kind of frames
        self._rows = torch.zeros(_MOST_CHANGES, 5, dtype=torch.int64).share_memory_()
        self._count = torch.ones((), dtype=torch.int64).share_memory_()
        self._write(0, 0, first)

    def _write(self, row: int, iteration: int, settings: ClipSettings) -> None:
        kind = FRAMES.index(settings.frames)
        self._rows[row] = torch.tensor([iteration, settings.max_gap, *settings.num_frames, kind])

    def now(self) -> ClipSettings:
        """Settings of the clip that this process is making; outside of training, the newest ones."""
        rows, iteration = self._rows[: int(self._count)].tolist(), current_iteration()
        held = [row for row in rows if iteration is None or row[0] <= iteration] or rows[:1]
        _, max_gap, least, most, kind = held[-1]
        return ClipSettings(max_gap, (least, most), FRAMES[kind])

    def change(self, iteration: int, **changed: object) -> None:
        """Change settings from an iteration on.

        Args:
            iteration: not before that of the previous change.
            changed: fields of :class:`ClipSettings`.

        Raises:
            ConfigError: a setting out of range, an earlier iteration, or too many changes.
        """
        count = int(self._count)
        *_, (latest, max_gap, least, most, kind) = self._rows[:count].tolist()
        if iteration < latest or count == _MOST_CHANGES:
            raise ConfigError(
                f'clip_sampler: change {count} at iteration {iteration}, the previous one was at {latest}; '
                f'expected ascending iterations and fewer than {_MOST_CHANGES} changes.'
            )
        before = ClipSettings(max_gap, (least, most), FRAMES[kind])._asdict()
        settings = check_settings(**(before | changed))
        row = count - 1 if iteration == latest else count
        self._write(row, iteration, settings)
        self._count.fill_(row + 1)  # last, since workers may read at any time
