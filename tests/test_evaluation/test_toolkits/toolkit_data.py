"""Videos that a colour tracker follows with errors, in the layouts of the benchmarks, and runs on them."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np

from vosplug.formats.vot_text import write_regions
from vosplug.structures import boxes_of_mask
from vosplug.structures.vot_raster import mask_region

REPO = Path(__file__).parents[3]
INSTALL = 'needs the toolkits: pip install -r requirements/toolkits.txt'
LENGTH, SIZE = 40, (60, 80)
COLOUR = (40, 60, 220)
TRACKER = f"""
_base_ = ['{REPO}/configs/_base_/default_runtime.py', '{REPO}/configs/_base_/datasets/%s.py']
custom_imports = dict(imports=['example_project'], allow_failed_imports=False)
model = dict(
    type='StreamingModel',
    tracker=dict(type='ColourHistogramTracker', test_cfg=dict(postprocess=[dict(type='LargestComponent')])),
)
"""


def make_video(kind: str, seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    """BGR frames and masks of an ellipse that leaves at the left and is hidden in frames 20 to 22.

    A second ellipse of its colour joins in frame 25 (``'distractor'``), or its colour changes in frame 18, so
    that a colour tracker loses it (``'lost'``).
    """
    rng = np.random.default_rng(seed)
    frames, masks = [], np.zeros((LENGTH, *SIZE), np.uint8)
    for t, mask in enumerate(masks):
        frame = rng.integers(0, 160, (*SIZE, 3), np.uint8)
        centre = (max(4, 60 - 2 * t), 30 + int(8 * np.sin(t / 5)))
        if kind == 'distractor' and t >= 25:
            cv2.ellipse(frame, (65, 12), (7, 9), 0, 0, 360, COLOUR, -1)
        if not 20 <= t <= 22:
            cv2.ellipse(mask, centre, (11, 7), 20, 0, 360, 1, -1)
            frame[mask == 1] = COLOUR if kind != 'lost' or t < 18 else (200, 160, 30)
        frames.append(frame)
    return frames, masks


def write_frames(folder: Path, frames: list[np.ndarray]) -> None:
    """``00000001.jpg``, ..."""
    folder.mkdir(parents=True)
    for t, frame in enumerate(frames, 1):
        cv2.imwrite(str(folder / f'{t:08d}.jpg'), frame)


def write_got10k(root: Path) -> list[str]:
    """Subset ``val`` of three sequences; boxes are not integer and partly outside the image."""
    names = []
    for k, kind in enumerate(('plain', 'distractor', 'lost')):
        names.append(f'GOT-10k_Val_{k + 1:06d}')
        folder = root / 'val' / names[-1]
        frames, masks = make_video(kind, k)
        write_frames(folder, frames)
        boxes = [boxes_of_mask(mask).get(1, np.zeros(4)) for mask in masks]
        xywh = np.array([[*box[:2], *(box[2:] - box[:2])] for box in boxes]) + [-0.4, -0.35, 0.85, 0.7]
        xywh[xywh[:, 0] < 0, 0] -= 3
        np.savetxt(folder / 'groundtruth.txt', xywh, '%.4f', ',')
        shown = masks.any((1, 2)).astype(int)
        np.savetxt(folder / 'cover.label', 8 * shown, '%d')
        # the toolkit scores frame 10, since it does not read this file
        absent = 1 - shown
        absent[10] = 1
        np.savetxt(folder / 'absence.label', absent, '%d')
        np.savetxt(folder / 'cut_by_image.label', (xywh[:, 0] < 0).astype(int), '%d')
        (folder / 'meta_info.ini').write_text(f'[METAINFO]\nresolution: ({SIZE[1]}, {SIZE[0]})\n')
    (root / 'val' / 'list.txt').write_text('\n'.join(names))
    return names


def write_vot2020(root: Path) -> list[str]:
    """Three sequences with two forward and two backward anchors each."""
    names = ['plain', 'distractor', 'lost']
    for k, name in enumerate(names):
        frames, masks = make_video(name, k)
        write_frames(root / name / 'color', frames)
        write_regions(root / name / 'groundtruth.txt', [mask_region(mask) for mask in masks])
        anchors = np.zeros(LENGTH, int)
        anchors[[0, 12]], anchors[[30, 39]] = 1, -1
        np.savetxt(root / name / 'anchor.value', anchors, '%d')
        (root / name / 'sequence').write_text(f'name={name}\nwidth={SIZE[1]}\nheight={SIZE[0]}\nfps=30\n')
    (root / 'list.txt').write_text('\n'.join(names))
    return names


def run(*command: str | Path, cwd: Path = REPO, **env: str) -> str:
    """Output of a Python command; fails with what it printed."""
    paths = os.pathsep.join([str(REPO), str(REPO / 'projects' / 'example_project')])
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=paths, **env),
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def track(benchmark: str, gt: Path, options: str, out: Path, target: Path) -> None:
    """Test the colour tracker, pack its masks in ``out``, and unpack them in ``target``."""
    config = out / 'tracker.py'
    config.parent.mkdir(parents=True, exist_ok=True)
    evaluator = f"test_evaluator = dict(out_file='{out / 'scores.json'}'{options})"
    data = f"test_dataloader = dict(dataset=dict(data_root='{gt}'))"
    config.write_text('\n'.join([TRACKER % benchmark, data, evaluator]))
    run('tools/test.py', config, '--work-dir', out / 'work', '--out', out / 'ours')
    run('tools/make_submission.py', benchmark, out / 'ours', out / 'ours.zip', '--gt', gt)
    with zipfile.ZipFile(out / 'ours.zip') as archive:
        archive.extractall(target)
