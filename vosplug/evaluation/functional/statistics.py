"""DAVIS statistics of per-frame scores."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...errors import ConfigError, VOSError

DAVIS_COMPAT = 'davis2017-evaluation'


class DavisStatistics(NamedTuple):
    """Mean and recall in [0, 1]; decay in [-1, 1], positive when scores fall over the video."""

    mean: float
    recall: float
    decay: float


def davis_statistics(values: Sequence[float], compat: str | None = None) -> DavisStatistics:
    """Mean, recall and decay of one object's scores (Perazzi et al., CVPR 2016, Sec. 5).

    Recall is the fraction of frames above 0.5; decay is the mean of the first quarter minus that of the
    last, where neighbouring quarters share a frame. As in the official code, NaN frames are ignored in
    mean and decay and count as missed in recall.

    Args:
        values: scores in frame order, in [0, 1] or NaN.
        compat: ``'davis2017-evaluation'`` computes quarters as that code, with frame numbers modulo
            256, so the decay of 256 or more frames is wrong or NaN (NumPy 2).

    Raises:
        VOSError: no values.
        ConfigError: an unknown ``compat``.
    """
    values = np.asarray(values, np.float64)
    if compat not in (None, DAVIS_COMPAT):
        raise ConfigError(f'compat: found {compat!r}, expected None or {DAVIS_COMPAT!r}.')
    if values.ndim != 1 or not len(values):
        raise VOSError(
            f'davis_statistics: expected a non-empty series of scores, found shape {values.shape}.'
        )
    starts = np.round(np.linspace(1, len(values), 5) + 1e-10).astype(int) - 1
    stops = starts + 1
    if compat:
        starts, stops = starts % 256, (starts % 256 + 1) % 256
    first, last = values[starts[0] : stops[1]], values[starts[3] : stops[4]]
    return DavisStatistics(_mean(values), float(np.mean(values > 0.5)), _mean(first) - _mean(last))


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float('nan')
