"""Scores of a folder of predicted masks against a folder of ground truth, without a Runner."""

import csv
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ..errors import AnnotationError, ConfigError, VOSError
from ..structures import FrameResult, ImageFolderSource, Prompts, VideoSample
from ..structures.image_set import read_image_set
from ..structures.mask_folder import MaskFolderAnnotation, read_id_mask
from ..structures.video_source import natural_key
from .protocols import DAVISProtocol, build_protocol
from .report import PerObject, average_objects, sequence_table
from .video_scores import VideoScores, object_scores


@dataclass(frozen=True)
class FolderScores:
    """What :func:`evaluate_folders` found; scores are fractions.

    Attributes:
        protocol: the rules they were scored by.
        overall: mean over all objects of each statistic.
        per_object: sequence -> object id -> statistics.
        per_frame: sequence -> object id -> ``frames`` (names), ``J`` and ``F``, lists of one length.
        speed: ``seconds``, ``frames`` (scored), ``frames_per_second``, ``num_workers``.
    """

    protocol: DAVISProtocol
    overall: dict[str, float]
    per_object: PerObject
    per_frame: dict[str, dict[int, dict[str, list]]]
    speed: dict[str, float]

    def report(self) -> dict:
        """The scores as written to JSON; object ids are strings."""
        return {
            'protocol': self.protocol.name,
            'compat': self.protocol.compat,
            'global': self.overall,
            'per_object': _string_ids(self.per_object),
            'speed': self.speed,
        }

    def frame_report(self) -> dict:
        """The scores of every frame as written to JSON; object ids are strings."""
        return _string_ids(self.per_frame)

    def table(self) -> str:
        """One line per sequence and one for the whole, in percent."""
        return sequence_table(self.per_object, self.overall)

    def write_csv(self, folder: str | Path) -> None:
        """Write ``global.csv`` and ``per_object.csv``; a NaN is an empty cell."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        _write_rows(folder / 'global.csv', [dict(self.overall)])
        rows = [
            dict(sequence=name, object=i, **scores)
            for name, objects in self.per_object.items()
            for i, scores in objects.items()
        ]
        _write_rows(folder / 'per_object.csv', rows)


def evaluate_folders(
    protocol: str | dict,
    gt_dir: str | Path,
    pred_dir: str | Path,
    image_set: str | Path | None = None,
    num_workers: int = 0,
    on_sequence: Callable[[int, int], None] | None = None,
) -> FolderScores:
    """Score ``<pred_dir>/<sequence>/<frame>.png`` against the same files of ``gt_dir``.

    Every frame that the protocol scores must be predicted; other files are ignored. Objects are those of
    a sequence's first ground-truth frame. One frame is held at a time, and each file is decoded once
    (except that grey ground truth of only 0 and 255 is looked at first, to tell what 255 means).

    Args:
        protocol: name in ``PROTOCOLS``, or a config with options.
        gt_dir: one folder of indexed PNGs per sequence, a file for every frame.
        pred_dir: the same layout.
        image_set: file that lists the sequences, a name per line or DAVIS 2016's pairs of files; every
            folder of ``gt_dir`` without it.
        num_workers: processes that share the sequences; 0 scores in this one.
        on_sequence: called with the number of scored and of all sequences after each sequence.

    Raises:
        AnnotationError: a missing, damaged or wrong file, which the message names.
        ConfigError: an unknown protocol or option, or a negative ``num_workers``.
        VOSError: a worker process died.

    Example:
        >>> scores = evaluate_folders('davis2017', 'DAVIS/Annotations/480p', 'results')  # doctest: +SKIP
    """
    began = time.perf_counter()
    rules = build_protocol(protocol)
    if num_workers < 0:
        raise ConfigError(f'num_workers: found {num_workers}, expected 0 or more.')
    names = _sequences(Path(gt_dir), Path(pred_dir), image_set)
    score = partial(_score_sequence, rules, Path(gt_dir), Path(pred_dir))
    entries = []
    for entry in _map(score, names, num_workers):
        entries.append(entry)
        if on_sequence:
            on_sequence(len(entries), len(names))
    return _collect(rules, entries, time.perf_counter() - began, num_workers)


class _MasksInOrder(MaskFolderAnnotation):
    """Keeps the first and the newest mask, so that frames asked for in order are decoded once."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._kept: dict[int, np.ndarray | None] = {}

    def mask(self, t: int) -> np.ndarray | None:
        if t not in self._kept:
            first = {0: self._kept[0]} if 0 in self._kept else {}
            self._kept = first | {t: super().mask(t)}
        return self._kept[t]


def _sequences(gt_dir: Path, pred_dir: Path, image_set: str | Path | None) -> list[str]:
    """Names of the sequences to score; all of them are in both folders."""
    for folder, what in ((gt_dir, 'ground truth'), (pred_dir, 'predictions')):
        if not folder.is_dir():
            raise AnnotationError(f'{folder}: no such folder of {what}; expected a folder per sequence.')
    if image_set is None:
        names = sorted(p.name for p in gt_dir.iterdir() if p.is_dir() and not p.name.startswith('.'))
    else:
        names = read_image_set(image_set)
    if not names:
        raise AnnotationError(f'{gt_dir}: no sequence; expected a folder of masks per sequence.')
    for folder, what in ((gt_dir, 'ground truth'), (pred_dir, 'prediction')):
        missing = [name for name in names if not (folder / name).is_dir()]
        if missing:
            raise AnnotationError(
                f'{folder / missing[0]}: sequence has no {what} ({len(missing)} of {len(names)} sequences '
                'are missing). Add it, or leave it out of the image set.'
            )
    return names


def _map(score: Callable[[str], dict], names: list[str], num_workers: int) -> Iterator[dict]:
    """``score`` of every name, in order."""
    if not num_workers:
        yield from map(score, names)
        return
    with ProcessPoolExecutor(min(num_workers, len(names))) as pool:
        try:
            yield from pool.map(score, names)
        except BrokenProcessPool:
            raise VOSError(
                'evaluate_folders: a worker process died, perhaps for want of memory. Use fewer workers.'
            ) from None


def _score_sequence(protocol: DAVISProtocol, gt_dir: Path, pred_dir: Path, name: str) -> dict:
    """Scores of one sequence, as ``JFMetric`` keeps them."""
    video = _open_sequence(protocol, gt_dir / name)
    paths = {t: pred_dir / name / f'{video.source.frame_names[t]}.png' for t in protocol.frames(video)}
    missing = [path for path in paths.values() if not path.is_file()]
    if missing:
        raise AnnotationError(
            f'{missing[0]}: prediction not found ({len(missing)} of {len(paths)} frames to score are '
            'missing). Every scored frame needs one.'
        )
    scores = VideoScores(video, protocol)
    for t, path in paths.items():
        mask = read_id_mask(path, size=video.annotation.mask(t).shape)
        result = FrameResult(t, video.source.frame_names[t], mask, {})
        try:
            scores.add(video, result)
        except AnnotationError as error:
            raise AnnotationError(f'{path}: {error}') from None
    return scores.finish()


def _open_sequence(protocol: DAVISProtocol, folder: Path) -> VideoSample:
    paths = [p for p in folder.iterdir() if p.suffix == '.png' and not p.name.startswith('.')]
    if not paths:
        raise AnnotationError(f'{folder}: no ground-truth masks; expected a PNG per frame.')
    source = ImageFolderSource(folder, sorted(paths, key=lambda p: natural_key(p.name)))
    annotation = _MasksInOrder(folder, source.frame_names, binary=True if protocol.single_object else None)
    first = annotation.mask(0)
    if not ((first > 0) & (first < 255)).any():
        raise AnnotationError(
            f'{source.frame_paths[0]}: no object in the first ground-truth frame, so none can be scored.'
        )
    return VideoSample(folder.name, source, Prompts.from_id_mask(first), annotation, list(range(len(source))))


def _collect(protocol: DAVISProtocol, entries: list[dict], seconds: float, num_workers: int) -> FolderScores:
    per_object = {entry['video']: object_scores(entry, protocol.compat) for entry in entries}
    per_frame = {
        entry['video']: {i: {key: entry[key][i] for key in ('frames', 'J', 'F')} for i in entry['J']}
        for entry in entries
    }
    frames = sum(max(len(values['frames']) for values in objects.values()) for objects in per_frame.values())
    return FolderScores(
        protocol=protocol,
        overall=average_objects([s for objects in per_object.values() for s in objects.values()]),
        per_object=per_object,
        per_frame=per_frame,
        speed=dict(
            seconds=seconds, frames=frames, frames_per_second=frames / seconds, num_workers=num_workers
        ),
    )


def _string_ids(by_sequence: dict[str, dict[int, dict]]) -> dict[str, dict[str, dict]]:
    return {name: {str(i): v for i, v in objects.items()} for name, objects in by_sequence.items()}


def _write_rows(path: Path, rows: list[dict]) -> None:
    with path.open('w', newline='') as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow({k: '' if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()})
