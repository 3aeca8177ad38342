"""Random splits of videos."""

from collections.abc import Collection, Mapping

import numpy as np

from ..errors import ConfigError

REST = 'rest'


def random_split(
    names: Collection[str], parts: Mapping[str, int | float], seed: int = 0
) -> dict[str, list[str]]:
    """Draw parts of a set of videos, such as Zhao et al. 2021's YT300 or its sets A and B of 1:9.

    Args:
        names: of the videos.
        parts: name of a part -> number of its videos, or their share between 0 and 1, rounded.
        seed: of the draw.

    Returns:
        dict: part -> its videos, sorted, and ``rest``: those of no part. It depends on the videos and the
        seed, not on the order of the videos.

    Raises:
        ConfigError: a part called ``rest``, an empty one, or parts of more videos than there are.
    """
    videos = sorted(set(names))
    known = all(isinstance(n, (int, float)) and np.isfinite(n) for n in parts.values())
    counts = {part: round(n * len(videos)) if 0 < n < 1 else n for part, n in parts.items() if known}
    if not counts or REST in parts or any(n != int(n) or n < 1 for n in counts.values()):
        raise ConfigError(
            f'parts: found {dict(parts)} of {len(videos)} videos, expected counts of 1 or more, or shares '
            f'between 0 and 1 that yield at least one video, and no part named {REST!r}.'
        )
    if sum(counts.values()) > len(videos):
        raise ConfigError(f'parts: found {counts}, expected at most {len(videos)} videos in total.')
    drawn = iter(np.random.RandomState(seed).permutation(videos).tolist())
    split = {part: sorted(next(drawn) for _ in range(int(n))) for part, n in counts.items()}
    return split | {REST: sorted(drawn)}
