"""Scores by the attributes of a video, such as occlusion or fast motion; neither torch nor mmengine."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from ..errors import AnnotationError, ConfigError


def sequence_means(
    per_object: Mapping[str, Mapping[int | str, Mapping[str, float]]], statistic: str
) -> dict[str, float]:
    """Mean of a statistic over the objects of each sequence; NaN where no object has it.

    Unlike ``mean_scores``, one object without a number does not hide the others of its sequence.

    Args:
        per_object: sequence -> object id -> statistic -> value; NaN and None mean no number.
        statistic: such as ``J-Mean``.
    """
    means = {}
    for sequence, objects in per_object.items():
        values = np.array([scores.get(statistic) for scores in objects.values()], np.float64)
        means[sequence] = _mean(values[~np.isnan(values)])
    return means


def attribute_scores(
    per_object: Mapping[str, Mapping[int | str, Mapping[str, float]]],
    attributes: Mapping[str, Sequence[str]],
    statistic: str = 'J-Mean',
) -> dict[str, tuple[float, float]]:
    """Mean score of the sequences with each attribute and of those without it.

    The second minus the first is the gain that DAVIS prints beside the score (Perazzi et al., CVPR 2016,
    Table 3): positive for an attribute that makes videos harder. A sequence counts by the mean of its
    objects. One that ``attributes`` does not name counts nowhere: nothing is known about it.

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
            f'attributes: they describe {_some(attributes)}, but the scored sequences are '
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


def read_attributes(path: str | Path) -> dict[str, list[str]]:
    """Attributes of every sequence of a dataset, from a file in one of three formats.

    * ``.json``: ``{"bear": ["DEF"], ..}``.
    * ``.yaml`` or ``.yml``: the ``db_info.yaml`` of DAVIS's Python tools. Of the sequences of 2017 it
      holds only empty lists, since DAVIS never described them; they are left out.
    * ``.txt``: the ``attributes.txt`` of DAVIS's Matlab tools, a table whose first line names the
      attributes and whose other lines hold a sequence and ``True`` or ``False`` for each.

    Raises:
        AnnotationError: a file that is missing, damaged or of another format.
    """
    path = Path(path)
    reader = _READERS.get(path.suffix)
    if reader is None or path.is_dir():
        raise AnnotationError(
            f'{path}: expected a file that ends in {", ".join(_READERS)}, found '
            f'{"a folder" if path.is_dir() else f"suffix {path.suffix!r}"}. Flags without names cannot be '
            'read: DAVIS lists its attributes in several orders.'
        )
    try:
        attributes = reader(path.read_text(encoding='utf-8'))
    except (OSError, ValueError) as error:
        raise AnnotationError(f'{path}: attributes cannot be read: {error}.') from error
    if not attributes:
        raise AnnotationError(f'{path}: expected attributes of sequences, found none.')
    return attributes


def _from_json(text: str) -> dict[str, list[str]]:
    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError(f'expected {{"sequence": ["OCC", ..], ..}}, found a {type(data).__name__}')
    return {name: _names(name, own) for name, own in data.items()}


def _from_db_info(text: str) -> dict[str, list[str]]:
    # only this format pays for it
    import yaml

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(error) from error
    entries = data.get('sequences') if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise ValueError('expected a list `sequences`, found none')
    attributes = {}
    for i, entry in enumerate(entries):
        if not isinstance(entry, dict) or not {'name', 'attributes'} <= entry.keys():
            raise ValueError(f'sequence {i}: expected `name` and `attributes`, found {entry!r}')
        if entry['attributes'] or entry.get('year') != 2017:
            attributes[entry['name']] = _names(entry['name'], entry['attributes'])
    return attributes


def _from_table(text: str) -> dict[str, list[str]]:
    head, *rows = [line.split() for line in text.splitlines() if line.strip()] or [[]]
    attributes = {}
    for name, *flags in rows:
        if len(flags) != len(head) - 1 or not {'True', 'False'}.issuperset(flags):
            raise ValueError(f'sequence {name}: expected {len(head) - 1} of True and False, found {flags}')
        attributes[name] = [a for a, flag in zip(head[1:], flags, strict=True) if flag == 'True']
    return attributes


_READERS: dict[str, Callable[[str], dict[str, list[str]]]] = {
    '.json': _from_json,
    '.yaml': _from_db_info,
    '.yml': _from_db_info,
    '.txt': _from_table,
}


def _names(sequence: str, own: object) -> list[str]:
    if not isinstance(own, list) or not all(isinstance(a, str) for a in own):
        raise ValueError(f'sequence {sequence}: expected a list of names, found {own!r}')
    return own


def _some(names: Mapping[str, object]) -> str:
    shown = ', '.join([*names][:3]) or 'nothing'
    return shown if len(names) <= 3 else f'{shown} and {len(names) - 3} more'


def _mean(values: Sequence[float] | np.ndarray) -> float:
    return float(np.mean(values)) if len(values) else float('nan')
