"""Decay, recall and what NaN does to them."""

import numpy as np
import pytest

from vosplug.errors import ConfigError, VOSError
from vosplug.evaluation.functional import davis_statistics


@pytest.mark.parametrize('length', [8, 255, 256, 257, 1000])
def test_decay_compares_the_quarters_of_the_video(length):
    falling = np.linspace(1, 0, length)
    found = davis_statistics(falling)
    assert found.decay == pytest.approx(0.75, abs=1 / length)
    assert davis_statistics(falling[::-1]).decay == pytest.approx(-found.decay, abs=2 / length)


def test_recall_is_strictly_above_one_half():
    assert davis_statistics([0.5, 0.51, 0.2, 1.0]).recall == 0.5


def test_nan_frames_leave_the_mean_and_count_as_missed():
    assert davis_statistics([1.0, np.nan, 0.5, 0.6])[:2] == (pytest.approx(0.7), 0.5)
    assert np.isnan(davis_statistics([np.nan, np.nan]).mean)


def test_wrong_input_is_named():
    with pytest.raises(VOSError, match='non-empty'):
        davis_statistics([])
    with pytest.raises(ConfigError, match="'davis2016'"):
        davis_statistics([1.0], compat='davis2016')
