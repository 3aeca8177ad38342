"""Submissions to VOT2020: the results of the VOT toolkit, or masks of runs, packed as ``vot pack`` does.

The format follows vot-toolkit 0.9.0: the archive and its manifest from ``utilities/cli.py`` (``do_pack``),
the files of a run from ``experiment/multistart.py``, ``experiment/multirun.py`` and ``tracker/results.py``,
the experiments of ``stack/vot2020/shortterm.yaml``.
"""

import configparser
import json
import re
import sys
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

from ...errors import AnnotationError, ConfigError
from ...files import is_dir, is_file, read_regular
from ...formats.image_set import read_image_set
from ...formats.text_file import read_lines
from ...formats.vot_sequence import anchor_frames, read_anchors, read_vot_sequence
from ...formats.vot_text import INITIALISATION, format_line, format_region, read_regions
from ...structures.vot_region import Rectangle
from ...version import __version__
from ..vot_folders import read_mask_run
from .archive import Scan
from .reference import Reference

STACK = 'vot2020/shortterm'
# experiment -> whether it has a run from every anchor, or one over the whole sequence
_EXPERIMENTS = {'baseline': True, 'realtime': True, 'unsupervised': False}
_REFERENCE = re.compile(r'[a-zA-Z0-9_-]+(@[a-zA-Z0-9_-]*)?')


def scan_vot(pred_dir: Path, reference: Reference) -> Scan:
    """Check the runs of a tracker and make the manifest.

    Files are ``<experiment>/<sequence>/<sequence>_<anchor:08d>.txt`` or ``.bin``, with
    ``_<property>.value`` next to them; the unsupervised experiment's number is ``001``. Without ``baseline``
    there is no submission; the two other experiments of the stack may be missing, with a warning, although
    ``vot pack`` would refuse. Instead of ``baseline``, masks ``<sequence>_<anchor>/*.png`` in order of the
    run may be given; they are converted to text. The tracker's description is that of ``trackers.ini`` of the
    workspace.

    Args:
        pred_dir: ``<workspace>/results/<tracker>``, or a folder of masks; its name is the tracker's.
        reference: its ``gt`` is the workspace's ``sequences``.

    Raises:
        AnnotationError: a sequence without ground truth or anchors.
        ConfigError: ``gt`` is not given.
    """
    if reference.gt is None:
        raise ConfigError("vot2020: no annotations (gt) given; expected the workspace's folder sequences.")
    scan = Scan()
    tracker = pred_dir.resolve().name
    if not _REFERENCE.fullmatch(tracker):
        scan.problem(pred_dir, f'{tracker!r} is not a valid tracker name; use letters, digits, - and _ only.')
    names = _sequences(reference, reference.gt)
    sequences = {name: _runs(name, reference.gt / name) for name in names}
    masks = {run for _, runs in sequences.values() for run in runs if is_dir(pred_dir / run)}
    scan.warn_of_others(pred_dir, {*_EXPERIMENTS, *masks})
    newest = _scan_masks(scan, pred_dir, reference.gt, sequences) if masks else 0.0
    for experiment, anchored in _EXPERIMENTS.items():
        folder = pred_dir / experiment
        if masks and experiment == 'baseline':
            if is_dir(folder):
                scan.problem(folder, f'found runs here and masks in {pred_dir}, expected one of them.')
            continue
        if not is_dir(folder):
            what = f'experiment missing; the stack {STACK} has {", ".join(_EXPERIMENTS)}.'
            (scan.problem if experiment == 'baseline' else scan.warn)(folder, what)
            continue
        scan.warn_of_others(folder, names)
        for name, (length, anchored_runs) in sequences.items():
            runs = anchored_runs if anchored else {f'{name}_001': length}
            newest = max(newest, _scan_runs(scan, folder / name, runs))
    manifest = _manifest(tracker, _describe(scan, pred_dir, tracker), newest)
    scan.entries['manifest.yml'] = lambda: manifest
    return scan


def _sequences(reference: Reference, folder: Path) -> list[str]:
    listed = folder / 'list.txt'
    if reference.image_set is None and is_file(listed):
        return read_image_set(listed)
    return reference.sequences()


def _runs(name: str, folder: Path) -> tuple[int, dict[str, int]]:
    """Length of a sequence, and run name -> length for the run from each of its anchors."""
    length = len(read_lines(folder / 'groundtruth.txt'))
    anchors = read_anchors(folder, length)
    try:
        frames = anchor_frames(anchors, length)
    except AnnotationError as error:
        raise AnnotationError(f'{folder / "anchor.value"}: {error}') from None
    return length, {f'{name}_{a:08d}': len(run) for a, run in frames.items()}


def _scan_masks(
    scan: Scan, pred_dir: Path, gt: Path, sequences: dict[str, tuple[int, dict[str, int]]]
) -> float:
    """Check the masks of all runs and add them as text; returns the newest modification time."""
    for name, (_, runs) in sequences.items():
        size = read_vot_sequence(gt / name).size
        for run, length in runs.items():
            folder = pred_dir / run
            try:
                regions = read_mask_run(folder, size)
            except AnnotationError as error:
                scan.error(folder, error)
                continue
            if len(regions) != length:
                what = f'found {len(regions)} masks, expected {length}: from the anchor to the end.'
                scan.problem(folder, what)
                continue
            text = ''.join(f'{format_line(region)}\n' for region in regions).encode()
            scan.entries[f'baseline/{name}/{run}.txt'] = partial(bytes, text)
    scan.warn(pred_dir, 'masks have no times, which leaves the speed unknown.')
    return max((path.stat().st_mtime for path in pred_dir.glob('*/*.png')), default=0.0)


def _scan_runs(scan: Scan, folder: Path, runs: dict[str, int]) -> float:
    """Check the runs of a sequence; returns the modification time of its newest file."""
    if not is_dir(folder):
        scan.problem(folder, f'sequence missing; expected {len(runs)} runs.')
        return 0.0
    files, untimed = [], []
    for name, length in runs.items():
        # the toolkit looks for binary results first
        path = next((p for s in ('.bin', '.txt') if is_file(p := folder / (name + s))), None)
        if path is None:
            scan.problem(folder / f'{name}.txt', 'run missing; expected it here or as .bin.')
            continue
        _scan_run(scan, path, length)
        values = sorted(folder.glob(f'{name}_*.value'))
        for value in values:
            _scan_values(scan, value, length)
        if folder / f'{name}_time.value' not in values:
            untimed.append(name)
        files += [path, *values]
    if untimed:
        scan.warn(folder, f'{len(untimed)} of {len(runs)} runs have no times ({untimed[0]}_time.value).')
    scan.warn_of_others(folder, {path.name for path in files})
    for path in files:
        scan.entries['/'.join(path.parts[-3:])] = path.read_bytes
    return max((path.stat().st_mtime for path in files), default=0.0)


def _scan_run(scan: Scan, path: Path, length: int) -> None:
    try:
        regions = read_regions(path, finite=True)
    except AnnotationError as error:
        scan.error(path, error)
        return
    if len(regions) != length:
        scan.problem(path, f'found {len(regions)} frames, expected {length}: from the anchor to the end.')
    if regions[0] != INITIALISATION:
        found = f'{format_region(regions[0]):.40}'
        scan.problem(path, f'found {found} in the first frame, expected {INITIALISATION}, initialisation.')
    for t, region in enumerate(regions):
        if isinstance(region, Rectangle) and min(region.width, region.height) < 0:
            scan.problem(path, f'frame {t} of the run: negative size {region[2:]}.')
            break


def _scan_values(scan: Scan, path: Path, length: int) -> None:
    found = len(read_regular(path, AnnotationError).decode(errors='replace').splitlines())
    if found != length:
        scan.problem(path, f'found {found} lines, expected {length}, one per frame of the run.')


def _describe(scan: Scan, pred_dir: Path, tracker: str) -> dict:
    """The tracker's section of ``trackers.ini``, in the groups of the toolkit's manifest."""
    path = pred_dir.resolve().parent.parent / 'trackers.ini'
    registry = configparser.ConfigParser(interpolation=None)
    try:
        registry.read(path)
    except (configparser.Error, UnicodeDecodeError) as error:
        scan.problem(path, f'damaged ({error}).')
        return {}
    name = tracker.split('@')[0]
    if name not in registry:
        scan.warn(path, f'no section [{name}] here; the manifest will not describe the tracker.')
        return {}
    section = dict(registry[name])
    described: dict[str, Any] = {key: section.pop(key, None) for key in ('command', 'label', 'protocol')}
    described['arguments'] = {k[4:]: section.pop(k) for k in list(section) if k.startswith('arg_')}
    described['env'] = {k[4:].upper(): section.pop(k) for k in list(section) if k.startswith('env_')}
    return described | {k: v for k, v in section.items() if k != 'tags' and not k.startswith('meta_')}


def _manifest(tracker: str, configuration: dict, newest: float) -> bytes:
    """Contents of ``manifest.yml``, as JSON, which is valid YAML; dated by the newest result."""
    content = dict(
        identifier=tracker.split('@')[0],
        configuration=configuration,
        timestamp=f'{datetime.fromtimestamp(newest, timezone.utc):%Y-%m-%dT%H-%M-%S.%f%z}',
        platform=sys.platform,
        python=sys.version,
        toolkit=f'vosplug {__version__}',
        stack=STACK,
    )
    return (json.dumps(content, indent=2, sort_keys=True) + '\n').encode()
