"""Single-object tracking results: ground truth in the benchmark's layout, predicted boxes or masks.

The prediction of a sequence is ``<pred_dir>/<sequence>.txt`` (one x, y, w, h per frame),
``<pred_dir>/<sequence>/<sequence>_001.txt`` as in GOT-10k, or a folder of masks
``<pred_dir>/<sequence>/*.png``, one per frame in natural order, whose foreground is the object.
"""

from pathlib import Path

import numpy as np

from ..errors import AnnotationError
from ..files import is_dir, is_file, natural_key
from ..formats.box_text import box_sequence_names, read_box_sequences, read_boxes
from ..formats.image_set import read_image_set
from ..formats.mask_folder import mask_paths, read_foreground
from .functional import boxes_from_masks
from .mask_folders import check_folders
from .protocols.tracking import BoxProtocol


def find_sequences(
    protocol: BoxProtocol, gt_dir: Path, pred_dir: Path, image_set: str | Path | None
) -> list[str]:
    """Sequences to score: those of the image set, or all of the ground truth.

    Raises:
        AnnotationError: a folder or a sequence is missing.
    """
    check_folders(gt_dir, pred_dir)
    names = read_image_set(image_set) if image_set is not None else box_sequence_names(protocol.name, gt_dir)
    if not names:
        raise AnnotationError(f'{gt_dir}: no sequence of {protocol.name} found. Check the folder.')
    return names


def score_sequence(protocol: BoxProtocol, gt_dir: Path, pred_dir: Path, name: str) -> dict:
    """Entry of one sequence, as returned by ``RunningScores.finish``.

    Raises:
        AnnotationError: a missing, damaged or wrong file.
    """
    (track,) = read_box_sequences(protocol.name, gt_dir, [name])
    length = len(track.boxes)
    if length < 2:
        raise AnnotationError(
            f'{gt_dir}: sequence {name} has only the first box, as in a test set; its scores come from the '
            "benchmark's server (tools/make_submission.py)."
        )
    pred = _read_prediction(pred_dir, name, length, track.size)
    cover = track.visible.astype(int) if track.cover is None else track.cover
    return dict(
        video=name,
        object_id=1,
        size=track.size,
        frames=[f'{t:08d}' for t in range(1, length + 1)],
        pred=pred.tolist(),
        gt=track.boxes.tolist(),
        visible=track.visible.tolist(),
        cover=cover.tolist(),
    )


def _read_prediction(pred_dir: Path, name: str, length: int, size: tuple[int, int] | None) -> np.ndarray:
    for path in (pred_dir / f'{name}.txt', pred_dir / name / f'{name}_001.txt'):
        if is_file(path):
            return read_boxes(path, length)
    found = mask_paths(pred_dir / name) if is_dir(pred_dir / name) else {}
    masks = sorted(found.values(), key=lambda p: natural_key(p.name))
    if not masks:
        raise AnnotationError(
            f'{pred_dir}: no prediction of sequence {name}; expected {name}.txt, {name}/{name}_001.txt or a '
            f'folder {name} of masks.'
        )
    if len(masks) != length:
        raise AnnotationError(
            f'{pred_dir / name}: found {len(masks)} masks, the ground truth has {length} frames. '
            'Predict every frame, including the first.'
        )
    shape = size and size[::-1]
    return np.concatenate([boxes_from_masks(read_foreground(path, shape)[None]) for path in masks])
