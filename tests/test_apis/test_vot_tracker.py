"""A model as a tracker of the VOT toolkit, without the toolkit."""

import configparser
import copy
import os
import shlex
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from small_videos import mask_prompts, moving_squares

from vosplug.apis import init_model, run_vot_tracker, trackers_ini_section
from vosplug.errors import ConfigError, PromptError
from vosplug.formats.vot_text import UNKNOWN, format_region, read_regions
from vosplug.structures import FrameResult, ObjectPrompt, boxes_of_mask
from vosplug.structures.vot_raster import mask_region, rasterise
from vosplug.structures.vot_region import Polygon, Rectangle, VOTRegion

REPO = Path(__file__).parents[2]
FRAMES, MASKS = moving_squares(frames=5)
SIZE = MASKS[0].shape
WINDOW = (0, 0, SIZE[1] - 1, SIZE[0] - 1)


@pytest.fixture(scope='module')
def model():
    return init_model('xmem-tiny-box')


def write_run(folder: Path, queries: dict[str, tuple[int, VOTRegion]]) -> Path:
    """A folder as the toolkit prepares it; the third frame is shown twice."""
    order = [0, 1, 2, 2, 3, 4]
    folder.mkdir(parents=True, exist_ok=True)
    for t, frame in enumerate(FRAMES):
        cv2.imwrite(str(folder / f'{t}.png'), frame)
    (folder / 'frames_color.txt').write_text(''.join(f'{folder / f"{t}.png"}\n' for t in order))
    for name, (t, region) in queries.items():
        (folder / f'query_{name}.txt').write_text(f'{t}\n{format_region(region)}\n')
    return folder


def test_masks_are_tracked_together_from_their_frames(tmp_path, model):
    first, second = (mask_region(MASKS[t] == i) for t, i in ((0, 1), (2, 2)))
    folder = write_run(tmp_path, {'obj0': (0, first), 'obj1': (3, second)})
    run_vot_tracker(model, folder)
    frames = [FRAMES[t] for t in (0, 1, 2, 2, 3, 4)]
    prompts = {0: mask_prompts(MASKS[0] * (MASKS[0] == 1)), 3: mask_prompts(MASKS[2] * (MASKS[2] == 2))}
    found = [read_regions(folder / f'output_obj{k}.txt') for k in range(2)]
    confidences = [np.loadtxt(folder / f'output_obj{k}_confidence.txt') for k in range(2)]
    for t, result in enumerate(model.stream(frames, prompts)):
        for k in range(2):
            assert np.array_equal(rasterise(found[k][t], WINDOW), result.mask == k + 1)
            assert confidences[k][t] == pytest.approx(result.presence.get(k + 1, 0), abs=1e-6)
    assert found[1][:3] == [UNKNOWN] * 3 and t == 5 == len(found[1]) - 1
    assert (confidences[0] > 0.5).all() and (confidences[1][:3] == 0).all()


@pytest.mark.parametrize('kind', ['rectangle', 'mask', 'polygon'])
def test_objects_start_from_boxes_and_boxes_are_answered_if_wanted(tmp_path, model, kind):
    left, top, right, bottom = boxes_of_mask(MASKS[0])[1].tolist()
    last = right - 1, bottom - 1
    region = {
        'rectangle': Rectangle(left, top, right - left, bottom - top),
        'mask': mask_region(MASKS[0] == 1),
        # the toolkit's conversion of a mask to a rectangle
        'polygon': Polygon(np.array([[left, top], [last[0], top], last, [left, last[1]]])),
    }[kind]
    folder = write_run(tmp_path, {'obj0': (0, region)})
    run_vot_tracker(model, folder, 'mask' if kind == 'rectangle' else 'box', rectangles=True)
    prompts = {0: [ObjectPrompt(1, box=(left, top, right, bottom))]}
    results = [*model.stream([FRAMES[t] for t in (0, 1, 2, 2, 3, 4)], prompts)]
    boxes = [boxes_of_mask(result.mask)[1].tolist() for result in results]
    expected = [Rectangle(a, b, c - a, d - b) for a, b, c, d in boxes]
    assert read_regions(folder / 'output_obj0.txt') == expected


def test_an_unknown_kind_of_prompt_is_refused(tmp_path, model):
    with pytest.raises(ConfigError, match="prompt: found 'boxes', expected one of"):
        run_vot_tracker(model, tmp_path, 'boxes')


def test_an_object_has_no_region_before_its_query(tmp_path, model):
    model = copy.copy(model)
    model.test_cfg = dict(model.test_cfg, direction='both')
    folder = write_run(tmp_path, {'obj0': (3, mask_region(MASKS[2] == 1))})
    run_vot_tracker(model, folder)
    lines = (folder / 'output_obj0.txt').read_text().splitlines()
    assert lines[:3] == ['0'] * 3 and all(line.startswith('m') for line in lines[3:]) and len(lines) == 6


class OneFrame:
    """Loses the object after the frame with the prompt."""

    def stream(self, source, prompts):
        for t, name in enumerate(source.frame_names):
            mask = prompts[0][0].mask.astype(np.uint8) * (t == 0)
            yield FrameResult(t, name, mask, {1: 1.0}, {1: float(t == 0)})


def test_an_object_that_disappears_has_no_region(tmp_path):
    first = mask_region(MASKS[0] == 1)
    for rectangles in (False, True):
        folder = write_run(tmp_path / str(rectangles), {'obj0': (0, first)})
        run_vot_tracker(OneFrame(), folder, rectangles=rectangles)
        lines = (folder / 'output_obj0.txt').read_text().splitlines()
        assert lines[0] == ('3.0,4.0,12.0,12.0' if rectangles else format_region(first))
        assert lines[1:] == ['0'] * 5


@pytest.mark.parametrize(
    ('region', 'message'),
    [
        (UNKNOWN, 'expected a mask, .* found the special code 0. Objects that are only described by text'),
        (Rectangle(70, 4, 8, 8), r'rectangle \[70.0, 4.0, 8.0, 8.0\] lies outside the 64x48 image'),
        (Rectangle(7, 4, 0, 8), r'box \[7.0, 4.0, 7.0, 12.0\] has no area'),
        (mask_region(np.zeros(SIZE, bool)), 'the region has no pixel in the 64x48 image'),
    ],
)
def test_a_query_that_is_no_prompt_is_named(tmp_path, model, region, message):
    folder = write_run(tmp_path, {'obj0': (0, region)})
    with pytest.raises(PromptError, match=f'query_obj0.txt, line 2: .*{message}'):
        run_vot_tracker(model, folder)
    assert not [*folder.glob('*output*')]


def test_a_section_is_read_back_as_the_command(tmp_path):
    command = ['/opt/py thon', '/tools/vot_tracker.py', '100%.py', '--rectangles']
    registry = configparser.ConfigParser()
    registry.read_string(trackers_ini_section('my_tracker-2', '50 %', command))
    section = registry['my_tracker-2']
    assert shlex.split(section['command']) == command
    assert (section['label'], section['protocol']) == ('50 %', 'folder')
    with pytest.raises(ConfigError, match="tracker 'a b': the VOT toolkit allows only letters"):
        trackers_ini_section('a b', 'label', command)


def run_tool(folder: Path, *command: str) -> subprocess.CompletedProcess:
    environment = dict(os.environ, PYTHONPATH=str(REPO))
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)


def test_the_printed_command_runs_in_any_folder(tmp_path):
    folder = write_run(tmp_path / 'run', {'obj0': (0, mask_region(MASKS[0] == 1))})
    (tmp_path / 'own.py').write_text(f"_base_ = ['{REPO / 'configs/stm/stm_tiny_synthetic-box.py'}']")
    tool = str(REPO / 'tools' / 'vot_tracker.py')
    options = ['--cfg-options', 'model.test_cfg.short_side=32', '--section', 'own.py']
    refused = run_tool(tmp_path, sys.executable, tool, 'own.py', *options)
    assert refused.returncode == 1 and refused.stderr.startswith("ConfigError: tracker 'own.py'")
    done = run_tool(tmp_path, sys.executable, tool, 'own.py', *options[:2], '--section', 'own')
    assert done.returncode == 0, done.stderr
    registry = configparser.ConfigParser()
    registry.read_string(done.stdout)
    command = shlex.split(registry['own']['command'])
    assert command[2:] == [str(tmp_path / 'own.py'), *options[:2]]
    done = run_tool(folder, *command)
    assert done.returncode == 0, done.stderr
    assert len(read_regions(folder / 'output_obj0.txt')) == 6
    done = run_tool(tmp_path, *command)
    assert done.returncode == 1
    assert 'AnnotationError: frames_color.txt: list of frames not found' in done.stderr
    assert 'Traceback' not in done.stderr
