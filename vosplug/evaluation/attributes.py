"""Scores by video attribute, such as occlusion or fast motion; without torch and mmengine."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..errors import AnnotationError, ConfigError

# object id (int, or str as in JSON reports) -> statistic -> value
ObjectScores = Mapping[int, Mapping[str, float]] | Mapping[str, Mapping[str, float]]


def sequence_means(per_object: Mapping[str, ObjectScores], statistic: str) -> dict[str, float]:
    """Mean of a statistic over the objects of each sequence; NaN where no object has it.

    Unlike in ``mean_scores``, an object without a value does not affect the others of its sequence.

    Args:
        per_object: sequence -> object id -> statistic -> value; NaN and None mean no value.
        statistic: such as ``J-Mean``.
    """
    means = {}
    for sequence, objects in per_object.items():
        values = np.array([scores.get(statistic) for scores in objects.values()], np.float64)
        means[sequence] = _mean(values[~np.isnan(values)])
    return means


def attribute_scores(
    per_object: Mapping[str, ObjectScores],
    attributes: Mapping[str, Sequence[str]],
    statistic: str = 'J-Mean',
) -> dict[str, tuple[float, float]]:
    """Mean score of the sequences with each attribute and of those without it.

    The second minus the first is the gain that DAVIS reports next to the score (Perazzi et al., CVPR 2016,
    Table 3): positive for an attribute that makes videos harder. A sequence's score is the mean of its
    objects. Sequences missing in ``attributes`` are ignored.

    Args:
        per_object: sequence -> object id -> statistic -> value.
        attributes: sequence -> its attributes, an empty list if it has none.
        statistic: a key of the innermost mapping of ``per_object``.

    Returns:
        dict: attribute, in alphabetical order -> (with, without); NaN where there is no such sequence.

    Raises:
        AnnotationError: ``attributes`` names none of the sequences.
        ConfigError: no object has the statistic.
    """
    known = sorted(
        {name for objects in per_object.values() for scores in objects.values() for name in scores}
    )
    if statistic not in known:
        raise ConfigError(f'statistic: found {statistic!r}, expected one of {", ".join(known) or "none"}.')
    means = {name: mean for name, mean in sequence_means(per_object, statistic).items() if name in attributes}
    if not means:
        raise AnnotationError(
            f'attributes: given for {_some(attributes)}, but the scored sequences are '
            f'{_some(per_object)}. Use the attributes of this dataset.'
        )
    means = {name: mean for name, mean in means.items() if not np.isnan(mean)}
    return {
        attribute: (
            _mean([mean for name, mean in means.items() if attribute in attributes[name]]),
            _mean([mean for name, mean in means.items() if attribute not in attributes[name]]),
        )
        for attribute in sorted({a for own in attributes.values() for a in own})
    }


def _some(names: Mapping[str, object]) -> str:
    shown = ', '.join([*names][:3]) or 'nothing'
    return shown if len(names) <= 3 else f'{shown} and {len(names) - 3} more'


def _mean(values: Sequence[float] | np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else float('nan')
