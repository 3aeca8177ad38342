"""Tracking where boxes and objects are at their limits: from the dataset to the numbers and result files.

Frames: partly outside, one pixel, hidden, NaN, outside the image, back again.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from small_models import small_stm
from small_tracking import LAYOUTS, MASKS, build

from vosplug.errors import AnnotationError
from vosplug.evaluation import evaluate_folders, evaluate_stream
from vosplug.evaluation.submission import make_submission
from vosplug.formats import write_id_mask
from vosplug.registry import MODELS
from vosplug.structures import FrameResult, VideoSample, fill_box

SIZE = MASKS.shape[1:]
NAN = [float('nan')] * 4
TRACK = np.array([[-4, 5, 16, 14], [20, 20, 1, 1], [8, 8, 9, 9], NAN, [30, 20, 8, 6]])
BESIDE = [70, 5, 10, 10]


def write(root: Path, benchmark: str, track: np.ndarray = TRACK):
    """The dataset; the third frame is hidden by a flag, or has no area."""
    track = track.copy()
    if benchmark == 'trackingnet':
        track[2, 2:] = 0
    return build(root, benchmark, () if benchmark == 'trackingnet' else (2,), track, test_mode=True)


def filled(x: float, y: float, width: float, height: float) -> np.ndarray:
    return fill_box((x, y, x + width, y + height), SIZE).astype(np.uint8)


def vanishing(video: VideoSample) -> Iterator[FrameResult]:
    """A tracker that is right, and whose mask is empty where it sees no object."""
    seen = {t: filled(*TRACK[t]) for t in (0, 1, 4)}
    for t, name in enumerate(video.source.frame_names):
        yield FrameResult(t, name, seen.get(t, np.zeros(SIZE, np.uint8)), {1: 1.0}, {1: 1.0})


def samples(dataset) -> list[VideoSample]:
    return [dataset[k]['data_samples'] for k in range(len(dataset))]


def write_results(folder: Path, videos: list[VideoSample]) -> Path:
    for video in videos:
        for result in vanishing(video):
            write_id_mask(folder / video.name / f'{result.name}.png', result.mask)
    return folder


@pytest.mark.parametrize('benchmark', LAYOUTS)
def test_frames_without_a_true_box_are_not_scored(tmp_path, benchmark):
    root = tmp_path / 'data'
    root.mkdir()
    videos = samples(write(root, benchmark))
    shown = [bool(videos[0].annotation.boxes(t)) for t in range(5)]
    assert shown == [True, True, False, False, True]
    found = evaluate_stream(benchmark, videos, vanishing)
    # the first frame, whose box is larger than its mask, is left out or counts as the true box
    assert found['AO' if benchmark == 'got10k' else 'OP75'] == pytest.approx(1)
    scores = evaluate_folders(benchmark, root, write_results(tmp_path / 'masks', videos))
    assert scores.overall == pytest.approx({name: found[name] for name in scores.overall})


def test_true_boxes_of_got10k_without_area_are_missed_where_cover_says_visible(tmp_path):
    root = tmp_path / 'data'
    root.mkdir()
    track = TRACK.copy()
    track[1] = 9, 9, 0, 5
    videos = samples(build(root, 'got10k', {2: (1, 0)}, track, test_mode=True))
    found = evaluate_stream('got10k', videos, vanishing)
    assert found['AO'] == pytest.approx(1 / 2)
    scores = evaluate_folders('got10k', root, write_results(tmp_path / 'masks', videos))
    assert scores.overall == pytest.approx({name: found[name] for name in scores.overall})


@pytest.mark.parametrize('benchmark', LAYOUTS)
def test_a_vanished_object_misses_the_true_box_and_is_scored_when_it_is_back(tmp_path, benchmark):
    root = tmp_path / 'data'
    root.mkdir()
    track = TRACK.copy()
    track[3] = BESIDE
    videos = samples(write(root, benchmark, track))
    found = evaluate_stream(benchmark, videos, vanishing)
    assert found['AO' if benchmark == 'got10k' else 'OP50'] == pytest.approx(
        2 / 3 if benchmark == 'got10k' else 3 / 4
    )
    scores = evaluate_folders(benchmark, root, write_results(tmp_path / 'masks', videos))
    assert scores.overall == pytest.approx({name: found[name] for name in scores.overall})


@pytest.mark.parametrize('benchmark', ['got10k', 'trackingnet'])
def test_result_files_have_a_box_without_area_where_the_object_has_vanished(tmp_path, benchmark):
    root = tmp_path / 'data'
    root.mkdir()
    videos = samples(write(root, benchmark))
    folders = dict(gt=root, frames=root) if benchmark == 'got10k' else {}
    folders = folders or dict(gt=root / 'anno', frames=root / 'frames')
    (tmp_path / 'names.txt').write_text('\n'.join(video.name for video in videos))
    results = write_results(tmp_path / 'masks', videos)
    report = make_submission(
        benchmark, results, tmp_path / 'a.zip', image_set=tmp_path / 'names.txt', **folders
    )
    assert not [problem for problem in report.problems if not problem.warning]
    name = videos[0].name
    file = f'{name}/{name}_001.txt' if benchmark == 'got10k' else f'{name}.txt'
    lines = zipfile.ZipFile(tmp_path / 'a.zip').read(file).decode().splitlines()
    boxes = [[float(v) for v in line.split(',')] for line in lines]
    assert boxes == [TRACK[0].tolist(), TRACK[1].tolist(), [0] * 4, [0] * 4, TRACK[4].tolist()]


@pytest.mark.parametrize('benchmark', LAYOUTS)
@pytest.mark.parametrize(
    ('first', 'message'),
    [
        (BESIDE, r'video .*: frame 0: box \[70.*\] lies outside the 64x48 image'),
        (NAN, 'video .*: frame 0 is annotated but shows no object'),
        ([9, 9, 0, 4], 'frame 0 is annotated but shows no object'),
    ],
)
def test_there_is_nothing_to_start_from(tmp_path, benchmark, first, message):
    track = TRACK.copy()
    track[0] = first
    with pytest.raises(AnnotationError, match=message):
        write(tmp_path, benchmark, track)[0]


@pytest.mark.parametrize('benchmark', LAYOUTS)
@pytest.mark.parametrize('first', [TRACK[0], TRACK[1], [5.6, 5.6, 0.3, 0.3], [-9, 3, 9.3, 20]])
def test_models_start_from_the_visible_part_of_any_first_box(tmp_path, benchmark, first):
    init_default_scope('vosplug')
    torch.manual_seed(0)
    model = MODELS.build({**small_stm(), 'initializer': dict(type='FilledBoxInitializer')}).eval()
    track = TRACK.copy()
    track[0] = first
    videos = samples(write(tmp_path, benchmark, track))[:1]
    expected, masks = filled(*first), []

    def tracked(video: VideoSample) -> Iterator[FrameResult]:
        for result in model.stream(video.source, video.prompts):
            masks.append(result.mask)
            yield result

    found = evaluate_stream(benchmark, videos, tracked)
    assert expected.any() and np.array_equal(masks[0], expected) and len(masks) == 5
    assert all(np.isfinite(value) for value in found.values())


def test_masks_with_suffixes_in_upper_case_are_scored(tmp_path):
    (tmp_path / 'data').mkdir()
    videos = samples(write(tmp_path / 'data', 'got10k'))
    results = write_results(tmp_path / 'masks', videos)
    expected = evaluate_folders('got10k', tmp_path / 'data', results)
    for path in list(results.rglob('*.png')):
        path.rename(path.with_suffix('.PNG'))
    assert evaluate_folders('got10k', tmp_path / 'data', results).overall == expected.overall
