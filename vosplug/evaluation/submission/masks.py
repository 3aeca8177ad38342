"""Submissions of id masks: DAVIS and YouTube-VOS."""

import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from ...errors import AnnotationError, ConfigError
from ...files import is_dir, is_file, natural_key
from ...formats.mask_folder import read_id_mask, write_id_mask
from ...structures.box_ops import VOID
from ...structures.image_file import open_pillow
from .archive import Scan
from .reference import Reference


@dataclass(frozen=True)
class MaskRules:
    """Mask format of a server: ``<folder><sequence>/<frame>.png``, mode P.

    Attributes:
        folder: folder inside the zip that contains the sequences, with a trailing slash; empty for none.
        single_object: one object per sequence, whose grey masks may use 255; otherwise ids as prompted.
        late_objects: objects may be prompted after the first frame.
    """

    folder: str = ''
    single_object: bool = False
    late_objects: bool = False


def scan_masks(rules: MaskRules, pred_dir: Path, reference: Reference) -> Scan:
    """Check every mask that a server expects; each file is decoded once, one is held at a time.

    Masks of mode L or 1 with valid ids are converted to mode P.

    Args:
        rules: of the server.
        pred_dir: results, ``<sequence>/<frame>.png``.
        reference: the dataset.

    Raises:
        AnnotationError: the dataset itself is incomplete or damaged.
        ConfigError: the expected frames are unknown.
    """
    if rules.late_objects and reference.frames is None:
        raise ConfigError(
            'submission: no frames given; the annotations only have the frames in which objects are given, '
            'but the server expects a mask for every image of JPEGImages. Give that folder.'
        )
    scan = Scan()
    names = reference.sequences()
    scan.warn_of_others(pred_dir, {name.partition('/')[0] for name in names})
    if reference.gt is None and not rules.single_object:
        scan.warn(pred_dir, 'no annotations (gt) given, so object ids are not checked.')
    for name in names:
        frames = reference.mask_names(name)
        folder = pred_dir / name
        if not is_dir(folder):
            scan.problem(
                folder, 'sequence missing; add its masks, or list the sequences to submit in an image set.'
            )
            continue
        scan.warn_of_others(folder, {f'{frame}.png' for frame in frames})
        starts, size = _object_starts(rules, reference, name), reference.size(name)
        for frame in frames:
            _scan_frame(scan, rules, name, folder / f'{frame}.png', size, starts)
    return scan


def read_checked(path: Path, size: tuple[int, int] | None, binary: bool) -> tuple[np.ndarray, str]:
    """Ids of a mask, uint8 (H, W), and its mode: P, L or 1.

    Args:
        path: PNG file.
        size: required (H, W).
        binary: read a grey mask of 0 and 255 as object 1.

    Raises:
        AnnotationError: missing, damaged, not a PNG, or of a wrong mode or size.
    """
    mask = read_id_mask(path, size, binary)
    with open_pillow(path.read_bytes()) as image:
        kind, mode = image.format, image.mode
    if kind != 'PNG':
        raise AnnotationError(f'{path}: found a {kind} image named as PNG, expected a PNG.')
    if mode not in ('P', 'L', '1'):
        raise AnnotationError(
            f'{path}: expected an indexed mask (mode P), found {mode}. Save object ids, for example with '
            'vosplug.formats.write_id_mask.'
        )
    return mask, mode


def _object_starts(rules: MaskRules, reference: Reference, sequence: str) -> dict[int, str] | None:
    """Prompted objects: id -> name of the frame of its prompt; None if unknown."""
    if rules.single_object:
        return {1: ''}
    given = reference.masks(sequence)
    starts: dict[int, str] = {}
    for path in given if rules.late_objects else given[:1]:
        for i in np.unique(read_id_mask(path)):
            if i not in (0, VOID):
                starts.setdefault(int(i), path.stem)
    return starts if given else None


def _scan_frame(
    scan: Scan,
    rules: MaskRules,
    sequence: str,
    path: Path,
    size: tuple[int, int] | None,
    starts: dict[int, str] | None,
) -> None:
    if not is_file(path):
        scan.problem(path, 'frame missing; the server expects a mask for every frame.')
        return
    try:
        mask, mode = read_checked(path, size, rules.single_object)
    except AnnotationError as error:
        scan.error(path, error)
        return
    wrong = _wrong_ids(np.unique(mask).tolist(), mode, path.stem, starts)
    if wrong:
        scan.problem(path, wrong)
        return
    name = f'{rules.folder}{sequence}/{path.name}'
    if mode == 'P':
        scan.entries[name] = path.read_bytes
    else:
        scan.entries[name] = partial(_indexed_png, path, rules.single_object)
        scan.rewritten += 1


def _wrong_ids(ids: list[int], mode: str, frame: str, starts: dict[int, str] | None) -> str | None:
    """Description of wrong ids in a mask."""
    if mode == 'L' and VOID in ids and not set(ids) - {0, VOID}:
        return 'found a grey mask of 0 and 255, expected object ids (255 is no object). Save ids, mode P.'
    unknown = [i for i in ids if i and (i == VOID or (starts is not None and i not in starts))]
    if unknown:
        given = '' if starts is None else f', expected only the given objects {sorted(starts)} and 0'
        return f'found ids {unknown}{given}' + (' (255, void, is no object).' if VOID in unknown else '.')
    known = {i: starts[i] for i in ids if i and starts}
    early = {i: first for i, first in known.items() if natural_key(first) > natural_key(frame)}
    return ', '.join(f'found id {i} before its first frame {first}' for i, first in early.items()) or None


def _indexed_png(path: Path, binary: bool) -> bytes:
    """A mask as PNG of mode P with the DAVIS palette."""
    with tempfile.TemporaryDirectory() as folder:
        indexed = Path(folder, path.name)
        write_id_mask(indexed, read_id_mask(path, binary=binary))
        return indexed.read_bytes()
