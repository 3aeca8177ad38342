"""The VOT toolkit computes our numbers from our files, and runs our models."""

import json
from pathlib import Path

import numpy as np
import pytest
from small_videos import mask_prompts, moving_squares
from toolkit_data import INSTALL, LENGTH, REPO, run, track, write_frames, write_vot2020

from vosplug.apis import init_model
from vosplug.evaluation import evaluate_folders
from vosplug.formats.vot_text import INITIALISATION, UNKNOWN, read_regions, write_regions
from vosplug.structures import ImageFolderSource, ObjectPrompt, boxes_of_mask
from vosplug.structures.vot_raster import mask_region, rasterise
from vosplug.structures.vot_region import Rectangle

pytestmark = pytest.mark.slow
INTERVAL = (10, 35)
BASELINE = f"""
title: VOT2020 for short sequences
experiments:
  baseline:
    type: multistart
    analyses:
      - {{type: multistart_eao_score, name: eaoscore, low: {INTERVAL[0]}, high: {INTERVAL[1]}}}
      - {{type: multistart_eao_curve, name: eaocurve, high: {INTERVAL[1]}}}
      - {{type: multistart_average_ar, name: ar}}
"""
UNSUPERVISED = """
title: Several objects
experiments:
  unsupervised: {type: unsupervised, multiobject: true}
"""


@pytest.fixture
def workspace(tmp_path) -> Path:
    pytest.importorskip('vot', reason=INSTALL)
    (tmp_path / 'config.yaml').write_text('registry: [./trackers.ini]\nstack: ./stack.yaml\n')
    return tmp_path


def test_the_toolkit_gives_the_numbers_of_a_run(workspace):
    gt, results = workspace / 'sequences', workspace / 'results' / 'ours'
    names = write_vot2020(gt)
    (workspace / 'stack.yaml').write_text(BASELINE)
    (workspace / 'trackers.ini').write_text('[ours]\nprotocol = folder\ncommand = none\n')
    track(
        'vot2020',
        gt,
        f", protocol=dict(_delete_=True, type='vot2020', interval={INTERVAL})",
        workspace / 'run',
        results,
    )
    run('-m', 'vot', 'analysis', 'ours', '--format', 'json', '--name', 'out', cwd=workspace)
    analyses = json.loads((workspace / 'analysis' / 'out.json').read_text())['results']['baseline']['results']
    [[[eao]], [[curve]], [[accuracy, robustness, *_]]] = analyses
    expected = {'EAO': eao, 'Accuracy': accuracy, 'Robustness': robustness}

    scores = json.loads((workspace / 'run' / 'scores.json').read_text())
    assert scores['global'] == pytest.approx(expected, abs=1e-12)
    assert scores['curves']['eao'] == pytest.approx(curve, abs=1e-12)
    protocol = dict(type='vot2020', interval=INTERVAL)
    for folder in (workspace / 'run' / 'ours', results):
        assert evaluate_folders(protocol, gt, folder).overall == pytest.approx(expected, abs=1e-12)
    # the sequence whose colour changes is lost, the others are not
    per_sequence = {name: scores['per_object'][name]['1']['Robustness'] for name in names}
    assert per_sequence['lost'] < 0.9 and per_sequence['plain'] == 1, per_sequence
    assert 0.3 < eao < 0.95 and len(curve) == INTERVAL[1] < LENGTH


def write_objects(folder: Path) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A sequence of two objects, of which the second appears in frame 2."""
    frames, masks = moving_squares(frames=6)
    masks[:2] = [mask * (mask == 1) for mask in masks[:2]]
    write_frames(folder / 'color', frames)
    for k in (1, 2):
        regions = [mask_region(mask == k) if (mask == k).any() else UNKNOWN for mask in masks]
        write_regions(folder / f'groundtruth_{k}.txt', regions)
    (folder / 'sequence').write_text(f'name={folder.name}\nfps=30\n')
    return frames, masks


def test_the_toolkit_runs_a_model(workspace):
    masks = {name: write_objects(workspace / 'sequences' / name)[1] for name in ('one', 'two')}
    (workspace / 'sequences' / 'one' / 'groundtruth_2.txt').unlink()
    (workspace / 'sequences' / 'list.txt').write_text('one\ntwo\n')
    (workspace / 'stack.yaml').write_text(UNSUPERVISED)
    tool = REPO / 'tools' / 'vot_tracker.py'
    sections = [
        run(tool, 'xmem-tiny-box', '--section', 'masks'),
        run(tool, 'xmem-tiny-box', '--prompt', 'box', '--rectangles', '--section', 'boxes'),
    ]
    (workspace / 'trackers.ini').write_text('\n'.join(sections))
    run('-m', 'vot', 'evaluate', 'masks', 'boxes', cwd=workspace)

    model = init_model('xmem-tiny-box')
    for name, stems in (('one', ['one_001']), ('two', ['two_1_001', 'two_2_001'])):
        source = ImageFolderSource(workspace / 'sequences' / name / 'color')
        starts = {0: (1,), 2: (2,)} if name == 'two' else {0: (1,)}
        of_masks, of_boxes = {}, {}
        for t, ids in starts.items():
            shown = masks[name][t] * np.isin(masks[name][t], ids)
            of_masks[t] = mask_prompts(shown)
            of_boxes[t] = [ObjectPrompt(i, box=box) for i, box in boxes_of_mask(shown).items()]
        for tracker, prompts in (('masks', of_masks), ('boxes', of_boxes)):
            folder = workspace / 'results' / tracker / 'unsupervised' / name
            found = [read_regions(folder / f'{stem}.bin') for stem in stems]
            assert [regions[0] for regions in found] == [INITIALISATION] * len(stems)
            for t, result in enumerate(model.stream(source, prompts)):
                boxes = boxes_of_mask(result.mask)
                for k, regions in enumerate(found, 1):
                    if t == 0:
                        continue
                    if k not in boxes:
                        assert regions[t] == UNKNOWN
                    elif tracker == 'boxes':
                        left, top, right, bottom = boxes[k].tolist()
                        assert regions[t] == Rectangle(left, top, right - left, bottom - top)
                    else:
                        window = (0, 0, result.mask.shape[1] - 1, result.mask.shape[0] - 1)
                        assert np.array_equal(rasterise(regions[t], window), result.mask == k)
            assert t == 5 and len((folder / f'{stems[0]}_confidence.value').read_text().split()) == 6
