"""VOT2020 as a dataset, and a run on it."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from dataset_tester import DatasetTester
from small_data import make_frames, make_masks

from vosplug.datasets import VOT2020Dataset
from vosplug.errors import AnnotationError
from vosplug.evaluation import evaluate_folders, evaluate_stream
from vosplug.evaluation.functional import VOTRun, vot2020_scores
from vosplug.formats import write_id_mask
from vosplug.formats.vot_text import INITIALISATION, write_regions
from vosplug.structures import FrameResult, VideoSample
from vosplug.structures.vot_raster import mask_region, region_overlap

MASKS = make_masks(6, ids=(1,))
ANCHORS = [1, 0, 0, 0, -1, 0]
PROTOCOL = dict(type='vot2020', interval=(2, 4))


def write_vot(root: Path, names: tuple[str, ...] = ('ball',)) -> Path:
    height, width = MASKS.shape[1:]
    for name in names:
        folder = root / name
        (folder / 'color').mkdir(parents=True)
        for t, frame in enumerate(make_frames(MASKS), 1):
            cv2.imwrite(str(folder / 'color' / f'{t:08d}.jpg'), frame)
        write_regions(folder / 'groundtruth.txt', [mask_region(mask) for mask in MASKS])
        (folder / 'anchor.value').write_text('\n'.join(map(str, ANCHORS)))
        (folder / 'sequence').write_text(
            f'name={name}\nwidth={width}\nheight={height}\nlength={len(MASKS)}\n'
        )
    (root / 'list.txt').write_text('\n'.join(names))
    return root


class TestVOT2020(DatasetTester):
    def build(self, root, **kwargs):
        return VOT2020Dataset(str(write_vot(root, ('ball', 'cat'))), **kwargs)


def test_every_anchor_is_a_video_in_the_order_of_its_run(tmp_path):
    dataset = VOT2020Dataset(str(write_vot(tmp_path)), test_mode=True)
    forwards, backwards = (dataset[i]['data_samples'] for i in range(2))
    assert (forwards.name, backwards.name) == ('ball_00000000', 'ball_00000004') and len(dataset) == 2
    for sample, frames in ((forwards, range(6)), (backwards, range(4, -1, -1))):
        assert sample.source.frame_names == [f'{k:08d}' for k in range(1, len(frames) + 1)]
        assert [*sample.prompts] == [0]
        for k, t in enumerate(frames):
            assert np.array_equal(sample.annotation.mask(k), MASKS[t])
            shown = make_frames(MASKS)[t].astype(int)
            assert np.abs(sample.source[k] - shown).mean() < 2, 'JPEG'


def late(video: VideoSample) -> Iterator[FrameResult]:
    """A tracker that is one frame behind."""
    for k, name in enumerate(video.source.frame_names):
        yield FrameResult(k, name, video.annotation.mask(max(k - 1, 0)), {1: 1.0}, {1: 1.0})


def test_a_run_gives_the_numbers_of_the_metric(tmp_path):
    dataset = VOT2020Dataset(str(write_vot(tmp_path)), test_mode=True)
    found = evaluate_stream(PROTOCOL, [dataset[i]['data_samples'] for i in range(2)], late)
    runs, size = [], MASKS.shape[:0:-1]
    for frames in (list(range(6)), list(range(4, -1, -1))):
        regions = [mask_region(MASKS[t]) for t in frames]
        pairs = zip([INITIALISATION, *regions[:-1]], regions, strict=True)
        runs.append(
            VOTRun(np.array([region_overlap(a, b, size) for a, b in pairs]), np.zeros(len(frames), bool))
        )
    expected = vot2020_scores([runs], [6], (2, 4))
    assert found['EAO'] == pytest.approx(expected.eao) and 0 < expected.eao < 1
    assert found['Accuracy'] == pytest.approx(expected.accuracy)
    assert found['Robustness'] == pytest.approx(expected.robustness)


def test_masks_of_a_run_in_folders_are_scored_like_the_run(tmp_path):
    root = write_vot(tmp_path / 'vot')
    videos = [VOT2020Dataset(str(root), test_mode=True)[i]['data_samples'] for i in range(2)]
    for video in videos:
        for result in late(video):
            write_id_mask(tmp_path / 'masks' / video.name / f'{result.name}.png', result.mask)
    expected = evaluate_stream(PROTOCOL, videos, late)
    found = evaluate_folders(PROTOCOL, root, tmp_path / 'masks').overall
    assert found == pytest.approx({name: expected[name] for name in found})


def test_missing_frames_and_sequences_are_named(tmp_path):
    write_vot(tmp_path)
    (tmp_path / 'ball' / 'color' / '00000002.jpg').unlink()
    with pytest.raises(AnnotationError, match='ball/color: found 5 frames, expected 6, one for each region'):
        VOT2020Dataset(str(tmp_path), test_mode=True)[0]
    (tmp_path / 'list.txt').write_text('ball\ndog\n')
    with pytest.raises(AnnotationError, match=r'dog/groundtruth\.txt'):
        VOT2020Dataset(str(tmp_path), test_mode=True)
