"""Masks from true boxes, scored object by object."""

import json
import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from small_box2seg import build_box2seg, small_box2seg
from small_data import make_masks, rle, write_davis, xywh

from vosplug.datasets import COCOImageDataset, DAVIS2017Dataset
from vosplug.evaluation.box_to_mask import box_to_mask_quality
from vosplug.evaluation.functional import jaccard
from vosplug.models import FilledBoxInitializer
from vosplug.structures import boxes_of_mask, fill_box

TOOL = Path(__file__).parents[2] / 'tools' / 'analysis_tools' / 'box_to_mask_quality.py'
MASKS = make_masks(3)


def write_coco(root: Path) -> Path:
    """Three images of two ellipses each, and a list of the first two."""
    (root / 'images').mkdir()
    coco = dict(images=[], annotations=[])
    for t, mask in enumerate(MASKS):
        name = f'{t}.png'
        cv2.imwrite(str(root / 'images' / name), np.repeat(mask[..., None] * 20, 3, 2))
        coco['images'].append(dict(id=t, file_name=name, height=mask.shape[0], width=mask.shape[1]))
        for i in (3, 7):
            area = int((mask == i).sum())
            entry = dict(
                id=10 * t + i, image_id=t, segmentation=rle(mask == i), bbox=xywh(mask, i), area=area
            )
            coco['annotations'].append(entry)
    (root / 'instances.json').write_text(json.dumps(coco))
    (root / 'held_out.txt').write_text('0.png\n1.png\n')
    return root


def filled_boxes(masks: np.ndarray) -> list[float]:
    return [
        jaccard(fill_box(box, mask.shape), mask == i)
        for mask in masks
        for i, box in boxes_of_mask(mask).items()
    ]


def test_the_true_mask_is_perfect_and_the_filled_box_is_what_it_is(tmp_path):
    dataset = COCOImageDataset(
        str(write_coco(tmp_path)),
        'instances.json',
        'images',
        clip_sampler=dict(num_frames=1),
        test_mode=True,
    )

    def by_colour(frames, t, boxes):
        inside = np.stack([fill_box(box, frames[t].shape[:2]) for box in boxes[t]])
        return inside & (frames[t][..., 0] > 0)  # brightness is 20 times the id

    methods = {
        'by colour': by_colour,
        'box': FilledBoxInitializer(),
    }
    found = box_to_mask_quality(dataset, methods)
    assert found['by colour'].mean == 1 and found['by colour'].masks == 6
    expected = filled_boxes(MASKS)
    assert found['box'].mean == pytest.approx(np.mean(expected))
    assert found['box'].recall[0.7] == np.mean(np.array(expected) >= 0.7)


def test_videos_are_scored_frame_by_frame(tmp_path):
    init_default_scope('vosplug')
    root = write_davis(tmp_path / 'davis', {'bear': MASKS, 'yak': MASKS[:1]})
    dataset = DAVIS2017Dataset(data_root=str(root), ann_file='ImageSets/train.txt', test_mode=True)
    found = box_to_mask_quality(dataset, {'box': FilledBoxInitializer()})['box']
    assert found.masks == 8 and found.mean == pytest.approx(np.mean(filled_boxes([*MASKS, MASKS[0]])))


def test_the_tool_scores_the_listed_images(tmp_path, monkeypatch, capsys):
    root = write_coco(tmp_path)
    (tmp_path / 'tiny.py').write_text(f'model = {small_box2seg()!r}\n')
    torch.save(dict(state_dict=build_box2seg().state_dict()), tmp_path / 'tiny.pth')
    command = [TOOL, tmp_path / 'tiny.py', tmp_path / 'tiny.pth', '--coco', root / 'instances.json']
    monkeypatch.setattr(sys, 'argv', [str(part) for part in [*command, '--images', root / 'held_out.txt']])
    runpy.run_path(str(TOOL), run_name='__main__')
    row = next(line for line in capsys.readouterr().out.splitlines() if 'filled box' in line)
    assert f'{100 * np.mean(filled_boxes(MASKS[:2])):.1f}' in row and row.split()[-2] == '4'
