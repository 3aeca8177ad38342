"""Formats of the benchmark servers; checks results and packs them.

Sources of the formats:

- DAVIS: the server's error message (codalab/codalab-competitions, issue 2709) requires the sequence
  folders at the root of the zip; its code, davis2017-evaluation, rejects ids above the number of objects.
- YouTube-VOS: one folder ``Annotations`` with a folder per video, as in the released sets (not
  documented publicly). ``valid/meta.json`` lists the scored frames; ``valid/JPEGImages`` contains them,
  ``all_frames`` more.
- GOT-10k: got10k 0.1.3, ``experiments/got10k.py``: ``<sequence>/<sequence>_001.txt`` of the first of up to
  three repetitions, ``<sequence>_time.txt`` with seconds per frame, of which only positive ones are used.
- TrackingNet: TrackingNet-devkit, ``metrics.py``, the server's code: finds exactly one ``<sequence>.txt`` by
  name, reads x,y,w,h, rounds them and replaces the first box by the given one.
- VOT2020: vot-toolkit 0.9.0, see ``vot.py``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ...errors import ConfigError
from ...files import is_dir
from .archive import Problem, Scan, write_zip
from .boxes import BoxRules, scan_boxes
from .masks import MaskRules, scan_masks
from .reference import Reference
from .vot import scan_vot

_YTVOS = MaskRules('Annotations/', late_objects=True)

#: Name -> function that scans results: (results folder, dataset) -> Scan.
BENCHMARKS: dict[str, Callable[[Path, Reference], Scan]] = {
    'davis2016': partial(scan_masks, MaskRules(single_object=True)),
    'davis2017': partial(scan_masks, MaskRules()),
    'got10k': partial(scan_boxes, BoxRules('{0}/{0}_001.txt', '{0}/{0}_time.txt')),
    'trackingnet': partial(scan_boxes, BoxRules('{0}.txt')),
    'vot2020': scan_vot,
    'ytvos2018': partial(scan_masks, _YTVOS),
    'ytvos2019': partial(scan_masks, _YTVOS),
}


@dataclass(frozen=True)
class SubmissionReport:
    """Result of :func:`make_submission`.

    Attributes:
        benchmark: a name in ``BENCHMARKS``.
        out: the zip file; None if problems prevented writing it.
        files: number of files in it.
        rewritten: number of masks converted to mode P.
        problems: errors if nothing was written, otherwise only warnings.
    """

    benchmark: str
    out: Path | None
    files: int
    rewritten: int
    problems: list[Problem]

    def summary(self) -> str:
        """One line about the zip file."""
        if self.out is None:
            return f'{self.benchmark}: nothing written.'
        rewritten = f', {self.rewritten} of them converted to indexed PNGs (mode P)' if self.rewritten else ''
        return f'{self.out}: {self.files} files for {self.benchmark}{rewritten}.'


def check_submission(
    benchmark: str,
    pred_dir: str | Path,
    gt: str | Path | None = None,
    frames: str | Path | None = None,
    image_set: str | Path | None = None,
) -> list[Problem]:
    """Problems of results to be uploaded; empty, or only warnings, if they are valid.

    Args:
        benchmark: a name in ``BENCHMARKS``.
        pred_dir: masks ``<sequence>/<frame>.png``; for trackers also boxes, see
            :func:`~vosplug.evaluation.submission.boxes.scan_boxes`; for VOT the toolkit's
            ``results/<tracker>``, or masks ``<sequence>_<anchor>/*.png``.
        gt: annotations of the dataset: masks of every frame, or of the prompted frames; for trackers
            ``<sequence>.txt`` or ``<sequence>/groundtruth.txt``; for VOT the workspace's ``sequences``.
        frames: the dataset's images; needed if ``gt`` does not cover every frame.
        image_set: file that lists the sequences; by default those of ``gt``, otherwise of ``frames``.

    Raises:
        AnnotationError: the dataset itself is incomplete or damaged.
        ConfigError: unknown benchmark, no such folder, or too few inputs to determine the expected files.
    """
    return _scan(benchmark, pred_dir, gt, frames, image_set).problems


def make_submission(
    benchmark: str,
    pred_dir: str | Path,
    out: str | Path,
    gt: str | Path | None = None,
    frames: str | Path | None = None,
    image_set: str | Path | None = None,
) -> SubmissionReport:
    """Check results and pack them in the format of the benchmark's server.

    Nothing is written if there are problems other than warnings. The zip file is written atomically and
    reproducibly.

    Args:
        benchmark: a name in ``BENCHMARKS``.
        pred_dir: see :func:`check_submission`.
        out: target, ``.zip``.
        gt: see :func:`check_submission`.
        frames: see :func:`check_submission`.
        image_set: see :func:`check_submission`.

    Raises:
        AnnotationError: the dataset itself is incomplete or damaged.
        ConfigError: as in :func:`check_submission`, or ``out`` does not end in ``.zip``.

    Example:
        >>> make_submission('davis2017', 'results', 'test-dev.zip', 'DAVIS/Annotations/480p',
        ...                 'DAVIS/JPEGImages/480p').summary()  # doctest: +SKIP
        'test-dev.zip: 2294 files for davis2017.'
    """
    out = Path(out)
    if out.suffix != '.zip' or is_dir(out):
        raise ConfigError(f'{out}: expected the name of a file that ends in .zip.')
    scan = _scan(benchmark, pred_dir, gt, frames, image_set)
    if not all(problem.warning for problem in scan.problems):
        return SubmissionReport(benchmark, None, 0, 0, scan.problems)
    write_zip(out, scan.entries)
    return SubmissionReport(benchmark, out, len(scan.entries), scan.rewritten, scan.problems)


def _scan(
    benchmark: str,
    pred_dir: str | Path,
    gt: str | Path | None,
    frames: str | Path | None,
    image_set: str | Path | None,
) -> Scan:
    if benchmark not in BENCHMARKS:
        raise ConfigError(f'benchmark: found {benchmark!r}, expected one of {sorted(BENCHMARKS)}.')
    pred_dir = Path(pred_dir)
    if not is_dir(pred_dir):
        raise ConfigError(f'{pred_dir}: no such folder of results.')
    folders = (None if path is None else Path(path) for path in (gt, frames, image_set))
    return BENCHMARKS[benchmark](pred_dir, Reference(*folders))
