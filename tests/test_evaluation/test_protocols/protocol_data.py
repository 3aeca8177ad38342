"""Small videos whose scores can be computed by hand, scored from folders and by the metric."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from vosplug.evaluation import Scores, VOSMetric, evaluate_folders, evaluate_stream
from vosplug.formats import write_id_mask
from vosplug.structures import ArrayAnnotation, ArraySource, FrameResult, ObjectPrompt, Prompts, VideoSample

SIZE = (4, 40)
GOLDENS = Path(__file__).parents[2] / 'data' / 'goldens'
OFFICIAL = json.loads((GOLDENS / 'davis_folder_small.json').read_text())['results']

Masks = Sequence[np.ndarray | None]


def stripes(columns: Mapping[int, tuple[int, int]] | None = None) -> np.ndarray:
    """An id mask of full-height stripes, id -> first and last column (exclusive).

    J is an overlap of columns. A stripe's contour is the column before it and its last one, and one that
    is at most a column away is a hit. Of (4, 8), which most tests have as ground truth,
    (4, 7) has J 3/4 and F 1, (4, 6) has J 1/2 and F 1/2, (20, 24) has J 0 and F 0.
    """
    mask = np.zeros(SIZE, np.uint8)
    for object_id, (start, stop) in (columns or {}).items():
        mask[:, start:stop] = object_id
    return mask


def golden_videos() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Ground truth and prediction of the videos that the official evaluators scored."""
    arrays = np.load(GOLDENS / 'davis_folder_small.npz')
    return {name: (arrays[f'{name}_gt'], arrays[f'{name}_pr']) for name in ('alpha', 'bravo', 'charlie')}


def write_masks(folder: Path, masks: Masks) -> Path:
    """``00000.png``, ...; a frame that is None has no file."""
    for t, mask in enumerate(masks):
        if mask is not None:
            write_id_mask(folder / f'{t:05d}.png', mask)
    return folder


def video_of(gt: Masks, name: str = 'clip', categories: Mapping[int, str] | None = None) -> VideoSample:
    """A video whose objects are given where they first appear; frames that are None are not annotated."""
    shown = next(mask for mask in gt if mask is not None)
    source = ArraySource([np.zeros((*shown.shape, 3), np.uint8)] * len(gt))
    prompts: dict[int, list[ObjectPrompt]] = {}
    known = {0, 255}
    for t, mask in enumerate(gt):
        for i in sorted({*np.unique(mask).tolist()} - known) if mask is not None else ():
            known.add(i)
            prompts.setdefault(t, []).append(ObjectPrompt(i, mask=mask == i))
    annotated = [t for t, mask in enumerate(gt) if mask is not None]
    given = Prompts(prompts) if prompts else None
    return VideoSample(name, source, given, ArrayAnnotation(gt), annotated, dict(categories or {}))


def score_folders(root: Path, protocol: str | dict, videos: Mapping[str, tuple[Masks, Masks]]) -> Scores:
    """Scores of folders under ``root``, which must be a new one for every set of videos."""
    for name, (gt, pred) in videos.items():
        write_masks(root / 'gt' / name, gt)
        write_masks(root / 'pred' / name, pred)
    return evaluate_folders(protocol, root / 'gt', root / 'pred')


def score_metric(
    protocol: str | dict,
    videos: Mapping[str, tuple[Masks, Masks]],
    categories: Mapping[str, Mapping[int, str]] | None = None,
    out_file: Path | None = None,
) -> Scores:
    """Scores of the metric, which gets a result for every frame of the video."""
    metric = VOSMetric(protocol, out_file=out_file and str(out_file))
    # in the order of the folders, so that sums round alike
    samples = [video_of(videos[name][0], name, (categories or {}).get(name)) for name in sorted(videos)]

    def predicted(video):
        for t, mask in enumerate(videos[video.name][1]):
            yield FrameResult(t, f'{t:05d}', mask, {})

    evaluate_stream(metric, samples, predicted)
    return metric.scores


def score_both(root: Path, protocol: str | dict, videos: Mapping[str, tuple[Masks, Masks]]) -> Scores:
    """Scores, after a check that folders and metric agree in everything, frame by frame."""
    scores, same = score_folders(root, protocol, videos), score_metric(protocol, videos)
    assert comparable(scores) == comparable(same)
    return scores


def comparable(scores: Scores) -> str:
    """All that was found, as text, in which NaN equals NaN."""
    report = {**scores.report(), 'speed': None}
    return json.dumps([report, scores.frame_report()], indent=1, sort_keys=True)
