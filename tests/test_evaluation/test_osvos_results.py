"""The published OSVOS masks score the published numbers on DAVIS 2016 (needs the data, see ROOT)."""

import io
import json
import os
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vosplug.evaluation import VOSMetric, evaluate_stream
from vosplug.formats import MaskFolderAnnotation
from vosplug.structures import ArraySource, FrameResult, Prompts, VideoSample

SHARED = Path(os.environ.get('VOSPLUG_SHARED', Path(__file__).parents[3] / 'shared'))
ROOT = SHARED / 'data' / 'davis2016'
RESULTS = ROOT / 'official-results'
QUICK = ['libby', 'car-shadow', 'motocross-jump']

pytestmark = pytest.mark.skipif(not RESULTS.is_dir(), reason=f'{RESULTS} is absent; set VOSPLUG_SHARED')


@cache
def published() -> dict:
    return json.loads((RESULTS / 'osvos_davis.json').read_text())


def sequences() -> list[str]:
    return sorted(set(published()) - {'id'})


def video(name: str) -> VideoSample:
    folder = ROOT / 'Annotations' / '480p' / name
    frames = sorted(p.stem for p in folder.glob('*.png'))
    annotation = MaskFolderAnnotation(folder, frames)
    source = ArraySource([np.zeros((480, 854, 3), np.uint8)] * len(frames), frames)
    return VideoSample(
        name, source, Prompts.from_id_mask(annotation.mask(0)), annotation, list(range(len(frames)))
    )


def osvos(video: VideoSample):
    with zipfile.ZipFile(RESULTS / 'osvos.zip') as archive:
        for t, frame in enumerate(video.source.frame_names):
            with Image.open(io.BytesIO(archive.read(f'{video.name}/{frame}.png'))) as picture:
                yield FrameResult(t, frame, np.asarray(picture).astype(np.uint8), {})


def check_frames(entry: dict) -> None:
    for measure in ('J', 'F'):
        expected = np.array(published()[entry['video']][measure], float)
        found = np.array(entry[measure][1])
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() <= 0.0005 + 1e-9, (entry['video'], measure)


class Keeping(VOSMetric):
    """Keeps the per-frame results."""

    def compute_metrics(self, results):
        self.entries = list(results)
        return super().compute_metrics(results)


@pytest.mark.parametrize('name', QUICK)
def test_every_frame_to_3_decimals(name):
    metric = Keeping(protocol='davis2016')
    evaluate_stream(metric, [video(name)], osvos)
    check_frames(metric.entries[0])


@pytest.mark.slow
def test_all_20_sequences():
    metric = Keeping(protocol='davis2016')
    found = evaluate_stream(metric, (video(name) for name in sequences()), osvos)
    assert len(metric.entries) == 20
    for entry in metric.entries:
        check_frames(entry)
    assert found['J-Mean'] == pytest.approx(0.798, abs=5e-4)
    assert found['F-Mean'] == pytest.approx(0.806, abs=5e-4)
