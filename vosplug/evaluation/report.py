"""Scores of a benchmark as a table and as a file."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

STATISTICS = ('J-Mean', 'J-Recall', 'J-Decay', 'F-Mean', 'F-Recall', 'F-Decay')

PerObject = dict[str, dict[int, dict[str, float]]]


def average_objects(objects: list[Mapping[str, float]]) -> dict[str, float]:
    """Mean over objects of each of ``STATISTICS``, and ``J&F-Mean``; NaN stays NaN, as in DAVIS."""
    means = {name: float(np.mean([scores[name] for scores in objects])) for name in STATISTICS}
    return {'J&F-Mean': (means['J-Mean'] + means['F-Mean']) / 2, **means}


def sequence_table(per_object: PerObject, overall: Mapping[str, float]) -> str:
    """One line per sequence (mean over its objects) and one for the whole, in percent."""
    width = max(len('sequence'), *map(len, per_object))
    lines = [f'{"sequence":<{width}} {"objects":>7} ' + ' '.join(f'{name:>8}' for name in overall)]
    rows = [(name, len(scores), average_objects([*scores.values()])) for name, scores in per_object.items()]
    rows.append(('all', sum(count for _, count, _ in rows), overall))
    for label, count, scores in rows:
        lines.append(f'{label:<{width}} {count:>7} ' + ' '.join(f'{100 * v:>8.1f}' for v in scores.values()))
    return '\n'.join(lines)


def write_json(path: str | Path, report: dict) -> None:
    """Write a report atomically; NaN becomes null, so strict parsers read it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f'.{path.name}.{os.getpid()}.part')
    partial.write_text(json.dumps(_without_nan(report), indent=2, allow_nan=False) + '\n')
    os.replace(partial, path)


def _without_nan(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value
