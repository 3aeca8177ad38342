"""Frames reach mmengine's backends."""

import cv2
import numpy as np

from vosplug.registry import VISUALIZERS
from vosplug.structures import FrameResult
from vosplug.visualization import VOSVisualizer, draw_overlay

IMAGE = np.full((40, 60, 3), (10, 120, 200), np.uint8)
MASK = np.zeros((40, 60), np.uint8)
MASK[5:20, 5:30] = 2


def make_visualizer(folder) -> VOSVisualizer:
    config = dict(type='VOSVisualizer', name=str(folder), save_dir=str(folder))
    return VISUALIZERS.build(dict(**config, vis_backends=[dict(type='LocalVisBackend')]))


def test_a_frame_is_stored_in_its_own_colours(tmp_path):
    result = FrameResult(3, '00003', MASK, {2: 0.9})
    drawn = make_visualizer(tmp_path).add_frame('bear', IMAGE, result, step=3)
    assert np.array_equal(drawn, draw_overlay(IMAGE, MASK))
    (stored,) = tmp_path.rglob('bear_3.png')
    assert np.array_equal(cv2.imread(str(stored)), drawn)


def test_ground_truth_stands_on_the_right(tmp_path):
    result = FrameResult(0, '00000', MASK, {2: 0.9})
    truth = np.zeros_like(MASK)
    drawn = make_visualizer(tmp_path).add_frame('bear', IMAGE, result, annotation=truth)
    assert np.array_equal(drawn[:40, :60], draw_overlay(IMAGE, MASK))
    assert np.array_equal(drawn[:40, -60:], IMAGE)
