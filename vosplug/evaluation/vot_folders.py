"""VOT2020 results: the challenge's sequences, and a file or a folder of masks per run.

The result of a run is ``<pred_dir>/<sequence>/<sequence>_<anchor>.txt`` as the VOT toolkit stores it
(also under ``baseline/``), or a folder of masks ``<pred_dir>/<sequence>_<anchor>/*.png`` in tracking order.
The anchor has eight digits and the first frame of a sequence is 0.
"""

from pathlib import Path

from ..errors import AnnotationError
from ..files import is_dir, is_file, natural_key
from ..formats.image_set import read_image_set
from ..formats.mask_folder import mask_paths, read_foreground
from ..formats.vot_sequence import VOTSequence, anchor_frames, read_vot_sequence, trajectory_name
from ..formats.vot_text import INITIALISATION, read_regions
from ..structures.vot_raster import is_empty, mask_region, region_overlap
from ..structures.vot_region import VOTRegion
from .mask_folders import check_folders
from .protocols.vot2020 import VOT2020Protocol


def find_sequences(
    protocol: VOT2020Protocol, gt_dir: Path, pred_dir: Path, image_set: str | Path | None
) -> list[str]:
    """Runs to score, ``<sequence>_<anchor>``, of the image set's sequences or of all.

    Raises:
        AnnotationError: a folder or a file is missing.
    """
    check_folders(gt_dir, pred_dir)
    if image_set is not None:
        names = read_image_set(image_set)
    else:
        names = sorted(p.parent.name for p in gt_dir.glob('*/groundtruth.txt'))
    if not names:
        raise AnnotationError(f'{gt_dir}: no sequence; expected <sequence>/groundtruth.txt.')
    return [run for name in names for run in _runs(read_vot_sequence(gt_dir / name))]


def score_sequence(protocol: VOT2020Protocol, gt_dir: Path, pred_dir: Path, name: str) -> dict:
    """Entry of one run, as returned by ``RunningScores.finish``.

    Raises:
        AnnotationError: a missing, damaged or wrong file.
    """
    sequence_name, _, digits = name.rpartition('_')
    sequence, anchor = read_vot_sequence(gt_dir / sequence_name), int(digits)
    length = len(sequence.regions)
    frames = anchor_frames(sequence.anchors, length)[anchor]
    truth = [sequence.regions[t] for t in frames]
    overlaps, gt_empty = [], []
    for gt, pred in zip(truth, _read_run(pred_dir, sequence, anchor, len(truth)), strict=True):
        overlaps.append(region_overlap(pred, gt, sequence.size))
        gt_empty.append(is_empty(gt))
    return dict(
        video=name,
        sequence=sequence_name,
        anchor=anchor,
        length=length,
        frames=[f'{t + 1:08d}' for t in frames],
        overlaps=overlaps,
        gt_empty=gt_empty,
    )


def read_mask_run(folder: Path, size: tuple[int, int]) -> list[VOTRegion]:
    """Regions of a run's masks, ``*.png`` in order of the run; empty without any.

    The first is the code that the toolkit stores at the anchor.

    Args:
        folder: of the run.
        size: (W, H) of the frames.

    Raises:
        AnnotationError: a damaged mask, or one of another size.
    """
    found = mask_paths(folder) if is_dir(folder) else {}
    paths = sorted(found.values(), key=lambda p: natural_key(p.name))
    later = (mask_region(read_foreground(path, size[::-1])) for path in paths[1:])
    return [INITIALISATION, *later] if paths else []


def _runs(sequence: VOTSequence) -> list[str]:
    anchors = anchor_frames(sequence.anchors, len(sequence.regions))
    return [Path(trajectory_name(sequence.name, anchor)).stem for anchor in anchors]


def _read_run(pred_dir: Path, sequence: VOTSequence, anchor: int, length: int) -> list[VOTRegion]:
    """Predicted regions in tracking order."""
    file = Path(trajectory_name(sequence.name, anchor))
    texts = [
        root / sequence.name / file.with_suffix(suffix)
        for root in (pred_dir, pred_dir / 'baseline')
        for suffix in ('.txt', '.bin')
    ]
    found = [path for path in texts if is_file(path)]
    regions: list[VOTRegion]
    if found:
        regions, where = read_regions(found[0]), found[0]
    else:
        where = pred_dir / file.stem
        regions = read_mask_run(where, sequence.size)
        if not regions:
            raise AnnotationError(
                f'{texts[0]}: result of the run not found; expected this file or a folder {where} of masks.'
            )
    if len(regions) != length:
        raise AnnotationError(f'{where}: found {len(regions)} frames, the run has {length}.')
    return regions
