"""Folders of id masks, ``<sequence>/<frame>.png``, read one frame at a time."""

from pathlib import Path

import numpy as np

from ..errors import AnnotationError
from ..files import is_dir, is_file, natural_key, walk_folders
from ..formats.image_set import read_image_set
from ..formats.mask_folder import MaskFolderAnnotation, mask_paths, read_id_mask
from ..structures import FrameResult, ImageFolderSource, Prompts, VideoSample
from .protocols.masks import MaskProtocol, present_ids


def find_sequences(
    protocol: MaskProtocol, gt_dir: Path, pred_dir: Path, image_set: str | Path | None
) -> list[str]:
    """Sequences to score: those of the image set, or all folders with PNGs; checked in both folders.

    Subfolders (``bmx/1``) are separate sequences, named by their paths; empty ones are sequences, too, whose
    masks are missing.

    Raises:
        AnnotationError: a folder or a sequence is missing.
    """
    check_folders(gt_dir, pred_dir)
    names = read_image_set(image_set) if image_set is not None else _sequence_folders(gt_dir)
    if not names:
        raise AnnotationError(f'{gt_dir}: no sequence; expected a folder of masks per sequence.')
    for folder, what in ((gt_dir, 'ground truth'), (pred_dir, 'prediction')):
        missing = [name for name in names if not is_dir(folder / name)]
        if missing:
            raise AnnotationError(
                f'{folder / missing[0]}: sequence has no {what} ({len(missing)} of {len(names)} sequences '
                'are missing). Add it, or leave it out of the image set.'
            )
    return names


def check_folders(gt_dir: Path, pred_dir: Path) -> None:
    """Raise AnnotationError unless both folders exist."""
    for folder, what in ((gt_dir, 'ground truth'), (pred_dir, 'predictions')):
        if not is_dir(folder):
            raise AnnotationError(f'{folder}: no such folder of {what}; expected a folder per sequence.')


def score_sequence(protocol: MaskProtocol, gt_dir: Path, pred_dir: Path, name: str) -> dict:
    """Entry of one sequence, as returned by ``RunningScores.finish``.

    Raises:
        AnnotationError: a missing, damaged or wrong file.
    """
    video = _open_sequence(protocol, gt_dir / name, name)
    names = video.source.frame_names
    found = mask_paths(pred_dir / name)
    paths = {t: found.get(names[t], pred_dir / name / f'{names[t]}.png') for t in protocol.frames(video)}
    missing = [path for path in paths.values() if not is_file(path)]
    if missing:
        raise AnnotationError(
            f'{missing[0]}: prediction not found ({len(missing)} of {len(paths)} frames to score are '
            'missing). Every scored frame needs one.'
        )
    scores, annotation = protocol.start(video), video.require_annotation()
    for t, path in paths.items():
        truth = annotation.mask(t)
        mask = read_id_mask(path, None if truth is None else truth.shape)
        try:
            scores.add(video, FrameResult(t, names[t], mask, {}))
        except AnnotationError as error:
            raise AnnotationError(f'{path}: {error}') from None
    return scores.finish()


class _MasksInOrder(MaskFolderAnnotation):
    """Keeps the latest mask, so that frames read in order are decoded once."""

    _latest: tuple[int, np.ndarray | None] = -1, None

    def mask(self, t: int) -> np.ndarray | None:
        if t != self._latest[0]:
            self._latest = t, super().mask(t)
        return self._latest[1]


def _sequence_folders(root: Path) -> list[str]:
    return sorted(
        folder.relative_to(root).as_posix()
        for folder, subfolders, files in walk_folders(root, AnnotationError)
        if folder != root and (not subfolders or any(file.lower().endswith('.png') for file in files))
    )


def _open_sequence(protocol: MaskProtocol, folder: Path, name: str) -> VideoSample:
    paths = sorted(mask_paths(folder).values(), key=lambda p: natural_key(p.name))
    if not paths:
        raise AnnotationError(f'{folder}: no ground-truth masks; expected a PNG per frame.')
    source = ImageFolderSource(folder, paths)
    binary = True if getattr(protocol, 'single_object', False) else None
    annotation = _MasksInOrder(folder, source.frame_names, binary=binary)
    prompts = None
    if protocol.needs_prompts:
        first = annotation.mask(0)
        if first is None or not present_ids(first):
            raise AnnotationError(
                f'{source.frame_paths[0]}: no object in the first ground-truth frame, so none can be scored.'
            )
        prompts = Prompts.from_id_mask(first)
    return VideoSample(name, source, prompts, annotation, list(range(len(source))))
