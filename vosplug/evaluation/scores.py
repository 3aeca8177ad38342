"""Scores of a benchmark: record, table and output files."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..atomic import atomic_path

PerObject = dict[str, dict[int, dict[str, float]]]
PerFrame = dict[str, dict[int, dict[str, list]]]


@dataclass(frozen=True)
class Scores:
    """Scores of a set of videos by a protocol, as fractions.

    Attributes:
        protocol: name of the rules they were scored by.
        compat: the evaluator whose conventions were reproduced, or None.
        overall: the benchmark's own numbers, by their usual names.
        per_object: video -> object id -> statistics.
        per_frame: video -> object id -> ``frames`` (names) and a list of the same length per measure.
        details: further tables, such as ``per_attribute``: name -> JSON-serialisable value.
        speed: of scoring folders: ``seconds``, ``frames``, ``frames_per_second``, ``num_workers``.
    """

    protocol: str
    compat: str | None
    overall: dict[str, float]
    per_object: PerObject
    per_frame: PerFrame
    details: dict[str, dict] = field(default_factory=dict)
    speed: dict[str, float] = field(default_factory=dict)

    def report(self) -> dict:
        """Everything except frames, as written to JSON; object ids are strings."""
        head = {'protocol': self.protocol, 'compat': self.compat, 'global': self.overall}
        report = {**head, 'per_object': _string_ids(self.per_object), **self.details}
        return {**report, 'speed': self.speed} if self.speed else report

    def frame_report(self) -> dict:
        """Scores of every frame, as written to JSON; object ids are strings."""
        return _string_ids(self.per_frame)

    def without_overlap(self) -> list[str]:
        """Videos in which J is 0 for every object in every frame; none if there is no J."""
        series = {
            name: [value for frames in objects.values() for value in frames.get('J', ())]
            for name, objects in self.per_frame.items()
        }
        return [name for name, values in series.items() if values and not any(values)]

    def table(self) -> str:
        """One line per video (means over its objects), then the benchmark's numbers, in percent."""
        means = {name: mean_scores([*objects.values()]) for name, objects in self.per_object.items()}
        columns = list(next(iter(means.values())))
        width = max(len('sequence'), *map(len, means))
        sizes = [max(8, len(c)) for c in columns]
        head = f'{"sequence":<{width}} {"objects":>7} '
        lines = [head + ' '.join(f'{c:>{n}}' for c, n in zip(columns, sizes, strict=True))]
        rows = [(name, len(self.per_object[name]), scores) for name, scores in means.items()]
        if set(columns) <= set(self.overall):
            rows.append(('all', sum(count for _, count, _ in rows), self.overall))
        for label, count, scores in rows:
            cells = ' '.join(f'{_cell(scores[c]):>{n}}' for c, n in zip(columns, sizes, strict=True))
            lines.append(f'{label:<{width}} {count:>7} {cells}')
        rest = [name for name in self.overall if rows[-1][0] != 'all' or name not in columns]
        lines += [f'{name:<{width}} {_cell(self.overall[name]):>7}' for name in rest]
        return '\n'.join(lines)

    def write_csv(self, folder: str | Path) -> None:
        """Write ``global.csv`` and ``per_object.csv``; a NaN is an empty cell."""
        folder = Path(folder)
        _write_rows(folder / 'global.csv', [dict(self.overall)])
        rows = [
            dict(sequence=name, object=i, **scores)
            for name, objects in self.per_object.items()
            for i, scores in objects.items()
        ]
        _write_rows(folder / 'per_object.csv', rows)


def mean_scores(objects: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Mean of each statistic over objects, preceded by ``J&F-Mean`` if there are both J and F.

    NaN stays NaN, as in DAVIS; counts (int) are summed.

    Args:
        objects: statistics of each object, by the same names; at least one.
    """
    columns = {name: [scores[name] for scores in objects] for name in objects[0]}
    means = {
        name: sum(values) if isinstance(values[0], int) else float(np.mean(values))
        for name, values in columns.items()
    }
    if {'J-Mean', 'F-Mean'} <= set(means):
        means = {'J&F-Mean': (means['J-Mean'] + means['F-Mean']) / 2, **means}
    return means


def _cell(value: float) -> str:
    """Format fractions in percent, and counts unchanged."""
    return str(value) if isinstance(value, int) else f'{100 * value:.1f}'


def _string_ids(by_video: Mapping[str, Mapping[int, dict]]) -> dict[str, dict[str, dict]]:
    return {name: {str(i): v for i, v in objects.items()} for name, objects in by_video.items()}


def _write_rows(path: Path, rows: list[dict]) -> None:
    # sequence names may contain characters that cannot be encoded
    with (
        atomic_path(path) as partial,
        partial.open('w', newline='', encoding='utf-8', errors='backslashreplace') as file,
    ):
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow({k: '' if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()})
