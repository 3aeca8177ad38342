"""Quality report of a set of labels: numbers, and an image of its worst frames."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from ..errors import AnnotationError
from ..evaluation.protocols.pseudo_label import PseudoLabelProtocol
from ..evaluation.scores import Scores
from ..formats.mask_folder import MaskFolderAnnotation, mask_paths, read_id_mask
from ..formats.text_file import write_json
from ..structures import FrameResult, ImageFolderSource, VideoSample, boxes_of_mask
from ..structures.box_ops import in_image
from ..structures.image_file import write_image
from ..visualization import draw_overlay
from ..visualization.contact_sheet import contact_sheet
from .box_video import BoxVideo
from .manifest_parquet import manifest_numbers
from .output import MANIFEST
from .store import writing


def write_quality(
    out: str | Path,
    videos: list[BoxVideo],
    rows: list[list[str]],
    truth: str | Path | None = None,
    worst: int = 24,
) -> dict[str, float]:
    """Write ``quality.json`` and ``worst.png`` into a folder of labels.

    Args:
        out: the folder, finished.
        videos: of the set.
        rows: of its manifest.
        truth: folder of ground-truth masks; adds J and recall at 50% and 70% IoU over the frames in which the
            object is present (Voigtlaender et al. 2021, Table 2).
        worst: number of masks in the image: those of the lowest IoU or, without ground truth, score; 0: no
            image.

    Returns:
        dict: the numbers; ``Masks``, ``Manual``, ``Share-Manual`` and one per status of the manifest, and,
        with ground truth, ``J-Mean``, ``Recall@50``, ``Recall@70``.
    """
    for left in (*Path(out).glob('.quality.*'), *Path(out).glob('.worst.*')):
        left.unlink(missing_ok=True)  # left by a killed process
    labels = [dict(zip(MANIFEST, row, strict=True)) for row in rows]
    usable = [label for label in labels if label['status'] != 'skipped']
    manual = [label for label in usable if label['source'] == 'manual']
    numbers = _numbers(Counter((label['source'], label['status']) for label in labels))
    report: dict[str, object] = dict(labels=numbers)
    if truth is None:
        ranked = [(float(x['score']), x['video'], int(x['object']), x['frame']) for x in usable if x['score']]
    else:
        scores = score_labels(out, [video.name for video in videos], truth, manual)
        numbers |= {k: v for k, v in scores.overall.items() if k == 'J-Mean' or k.startswith('Recall')}
        report |= scores.report()
        ranked = _ious(scores)
    with writing(Path(out)):
        write_json(Path(out) / 'quality.json', report)
        if shown := _by_object(ranked)[: max(0, worst)]:
            sources = {video.name: video for video in videos}
            _write_worst(Path(out), shown, sources, truth)
        else:
            (Path(out) / 'worst.png').unlink(missing_ok=True)  # of an earlier run
    return numbers


def write_numbers(out: str | Path) -> dict[str, float]:
    """Write the numbers of a Parquet manifest into ``quality.json``; see :func:`write_quality`."""
    numbers = _numbers(manifest_numbers(out))
    with writing(Path(out)):
        write_json(Path(out) / 'quality.json', dict(labels=numbers))
    return numbers


def _numbers(rows: Mapping[tuple[str, str], int]) -> dict[str, float]:
    """Numbers of masks, from the manifest's row counts by source and status."""
    statuses: Counter[str] = Counter()
    manual = 0
    for (source, status), count in rows.items():
        statuses[status] += count
        manual += count if source == 'manual' and status != 'skipped' else 0
    masks = statuses.total() - statuses['skipped']
    return {
        'Masks': masks,
        'Manual': manual,
        'Share-Manual': manual / max(1, masks),
        **dict(sorted((+statuses).items())),
    }


def score_labels(
    out: str | Path, names: Iterable[str], truth: str | Path, manual_rows: Iterable[dict[str, str]]
) -> Scores:
    """Score labels against ground truth in the frames that both have; see :class:`PseudoLabelProtocol`.

    Raises:
        AnnotationError: a video, or all of its labelled frames, have no ground truth.
    """
    manual: dict[str, dict[str, list[str]]] = {}
    for label in manual_rows:
        manual.setdefault(label['video'], {}).setdefault(label['object'], []).append(label['frame'])
    protocol = PseudoLabelProtocol(manual=manual)
    entries = []
    for name in names:
        masks = mask_paths(Path(out) / 'Annotations' / name)
        if not masks:  # none of its frames could be read
            continue
        labels = ImageFolderSource(Path(out) / 'Annotations' / name)
        annotation = MaskFolderAnnotation(Path(truth) / name, labels.frame_names)
        frames = annotation.annotated_frames()
        video = VideoSample(name, labels, None, annotation, frames)
        running = protocol.start(video)
        for t in frames:
            mask = read_id_mask(labels.frame_paths[t], binary=False)
            running.add(video, FrameResult(t, labels.frame_names[t], mask, {}))
        entries.append(running.finish())
    if not entries:
        raise AnnotationError(f'{out}: no labels to score.')
    return protocol.summarise(entries)


def _ious(scores: Scores) -> list[tuple[float, str, int, str]]:
    return [
        (iou, name, i, frame)
        for name, objects in scores.per_frame.items()
        for i, series in objects.items()
        for frame, iou in zip(series['frames'], series['J'], strict=True)
    ]


def _by_object(ranked: list[tuple[float, str, int, str]]) -> list[tuple[float, str, int, str]]:
    """Each object's worst frame, then each object's second worst, since neighbouring frames look alike."""
    seen: Counter[tuple[str, int]] = Counter()
    rounds = []
    for item in sorted(ranked):
        rounds.append((seen[item[1:3]], item))
        seen[item[1:3]] += 1
    return [item for _, item in sorted(rounds)]


def _write_worst(
    out: Path,
    ranked: list[tuple[float, str, int, str]],
    videos: dict[str, BoxVideo],
    truth: str | Path | None,
) -> None:
    """Write an image with the label around its box per entry, next to the ground truth if given."""
    pictures, captions = [], []
    for value, name, i, frame in ranked:
        source = videos[name].open()
        image = source[source.frame_names.index(frame)]
        mask = read_id_mask(out / 'Annotations' / name / f'{frame}.png', binary=False)
        views = [(mask, _box_in_image(videos[name], i, frame, image.shape[:2]))]
        if truth is not None:
            views.append((MaskFolderAnnotation(Path(truth) / name, [frame]).read(frame), {}))
        part = _window_around(views, i, image.shape[:2])
        views = [draw_overlay(image, view, boxes=boxes, labels=False)[part] for view, boxes in views]
        pictures.append(np.hstack(views))
        captions.append(f'{name} {frame} #{i}: {"score" if truth is None else "IoU"} {value:.2f}')
    sheet = contact_sheet(pictures, captions, columns=3, size=(280, 540))
    write_image(out / 'worst.png', sheet)


def _box_in_image(
    video: BoxVideo, object_id: int, frame: str, size: tuple[int, int]
) -> dict[int, np.ndarray]:
    """The box that was given for an object, as far as it lies in the image."""
    track = video.tracks.get(object_id)  # None for an object that only the ground truth has
    box = (track.boxes.get(frame) if track else None) or [np.zeros(4)]
    return {object_id: np.clip(box[0], 0, [*size[::-1]] * 2)} if in_image(box[0], size) else {}


def _window_around(
    views: list[tuple[np.ndarray, dict[int, np.ndarray]]], object_id: int, size: tuple[int, int]
) -> tuple[slice, slice]:
    """Window around an object in all views, with a margin of half its size."""
    boxes = [{**boxes_of_mask(mask), **given}.get(object_id) for mask, given in views]
    boxes = [box for box in boxes if box is not None]
    low, high = np.min(boxes, 0)[:2], np.max(boxes, 0)[2:]
    margin = max(24, *(high - low) / 2)
    left, top = np.maximum(low - margin, 0).astype(int)
    right, bottom = np.minimum(high + margin, size[::-1]).astype(int)
    return slice(top, bottom), slice(left, right)
