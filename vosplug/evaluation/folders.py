"""Scores of a folder of predictions against a folder of ground truth, without a Runner."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..errors import ConfigError, VOSError
from . import box_folders, mask_folders, vot_folders
from .protocols import Protocol, build_protocol
from .scores import Scores

# layout of a protocol -> module with find_sequences and score_sequence
LAYOUTS = {'masks': mask_folders, 'boxes': box_folders, 'vot': vot_folders}


def evaluate_folders(
    protocol: str | dict | Protocol,
    gt_dir: str | Path,
    pred_dir: str | Path,
    image_set: str | Path | None = None,
    num_workers: int = 0,
    on_sequence: Callable[[int, int], None] | None = None,
) -> Scores:
    """Score predictions against ground truth.

    Mask protocols compare ``<pred_dir>/<sequence>/<frame>.png`` with the same files of ``gt_dir``, which
    holds the annotated frames; every frame that the protocol scores must be predicted, other files are
    ignored. One frame is held at a time, and each file is decoded once (except that grey ground truth of
    only 0 and 255 is read in advance, to determine what 255 means). The other layouts are described in
    ``box_folders`` and ``vot_folders``.

    Args:
        protocol: name in ``PROTOCOLS``, or a config with options.
        gt_dir: ground truth in the benchmark's own layout.
        pred_dir: predictions.
        image_set: file that lists the sequences, a name per line or DAVIS 2016's pairs of files; every
            sequence of ``gt_dir`` without it.
        num_workers: number of worker processes; 0 scores in this process.
        on_sequence: called after each sequence with the number of scored sequences and the total.

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
    layout = LAYOUTS[rules.layout]
    names = layout.find_sequences(rules, Path(gt_dir), Path(pred_dir), image_set)
    score = partial(layout.score_sequence, rules, Path(gt_dir), Path(pred_dir))
    entries = []
    for entry in _map(score, names, num_workers):
        entries.append(entry)
        if on_sequence:
            on_sequence(len(entries), len(names))
    return _with_speed(rules.summarise(entries), time.perf_counter() - began, num_workers)


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
                'evaluate_folders: a worker process died, perhaps out of memory. Use fewer workers.'
            ) from None


def _with_speed(scores: Scores, seconds: float, num_workers: int) -> Scores:
    videos = scores.per_frame.values()
    frames = sum(max(len(values['frames']) for values in objects.values()) for objects in videos)
    speed = dict(seconds=seconds, frames=frames, frames_per_second=frames / seconds, num_workers=num_workers)
    return replace(scores, speed=speed)
