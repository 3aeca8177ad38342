"""Results and annotations of the benchmarks."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_data import SIZE, make_frames, make_masks, write_frames
from submission_data import LENGTH, write_masks, write_run

from vosplug.formats import write_id_mask


@pytest.fixture
def davis(tmp_path) -> dict[str, Path]:
    """Two sequences with ids 3 and 7, predicted perfectly, and their frames."""
    for name in ('one', 'two'):
        masks = make_masks(LENGTH)
        write_masks(tmp_path / 'gt' / name, masks)
        write_masks(tmp_path / 'pred' / name, masks)
        write_frames(tmp_path / 'frames' / name, make_frames(masks))
    return dict(pred_dir=tmp_path / 'pred', gt=tmp_path / 'gt')


@pytest.fixture
def ytvos(tmp_path) -> dict[str, Path]:
    """A video of every fifth frame; object 3 is given in frame 0, object 7 in frame 10."""
    frames = [f'{5 * t:05d}' for t in range(4)]
    masks = make_masks(4)
    masks[:2][masks[:2] == 7] = 0
    for frame, mask in zip(frames, masks, strict=True):
        write_id_mask(tmp_path / 'pred' / 'video' / f'{frame}.png', mask)
        (tmp_path / 'frames' / 'video').mkdir(parents=True, exist_ok=True)
        Image.new('RGB', SIZE[::-1]).save(tmp_path / 'frames' / 'video' / f'{frame}.jpg')
    write_id_mask(tmp_path / 'gt' / 'video' / '00000.png', masks[0])
    write_id_mask(tmp_path / 'gt' / 'video' / '00010.png', np.where(masks[2] == 7, 7, 0).astype(np.uint8))
    return {'pred_dir': tmp_path / 'pred', 'gt': tmp_path / 'gt', 'frames': tmp_path / 'frames'}


@pytest.fixture
def tracking(tmp_path) -> dict[str, Path]:
    """A sequence of text boxes and one of masks; only their first boxes are given."""
    masks = make_masks(11, ids=(1,))
    for t, mask in enumerate(masks):
        # as TrackingNet names them: 10 must come after 9
        write_id_mask(tmp_path / 'pred' / 'masks' / f'{t}.png', mask)
    (tmp_path / 'pred' / 'text.txt').write_text(''.join(f'{t}.5,2,3,4\n' for t in range(11)))
    for name in ('masks', 'text'):
        (tmp_path / 'frames' / name).mkdir(parents=True)
        for t in range(11):
            Image.new('RGB', SIZE[::-1]).save(tmp_path / 'frames' / name / f'{t}.jpg')
        (tmp_path / 'gt').mkdir(exist_ok=True)
        (tmp_path / 'gt' / f'{name}.txt').write_text('1,2,30,40\n')
    return {'pred_dir': tmp_path / 'pred', 'gt': tmp_path / 'gt', 'frames': tmp_path / 'frames'}


@pytest.fixture
def vot(tmp_path) -> dict[str, Path]:
    """A workspace: a sequence of 8 frames, anchors 0 (forwards) and 5 (backwards)."""
    sequence, results = tmp_path / 'sequences' / 'ball', tmp_path / 'results' / 'ours'
    sequence.mkdir(parents=True)
    (tmp_path / 'sequences' / 'list.txt').write_text('ball\n')
    (sequence / 'groundtruth.txt').write_text('m3,4,2,2,1,3\n' * 8)
    (sequence / 'anchor.value').write_text('\n'.join(['1', '0', '0', '0', '0', '-1', '0', '0']))
    for experiment in ('baseline', 'realtime'):
        write_run(results / experiment / 'ball', 'ball_00000000', 8)
        write_run(results / experiment / 'ball', 'ball_00000005', 6)
    write_run(results / 'unsupervised' / 'ball', 'ball_001', 8)
    (tmp_path / 'trackers.ini').write_text(
        '[ours]\nlabel = Ours\nprotocol = traxpython\ncommand = run 100%\nenv_path = /x\narg_k = 2\n'
    )
    return dict(pred_dir=results, gt=tmp_path / 'sequences')
