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
    fewer = box_to_mask_quality(dataset, {'box': FilledBoxInitializer()}, every=2)['box']
    assert fewer.masks == 6 and fewer.mean == pytest.approx(np.mean(filled_boxes(MASKS[[0, 2, 0]])))


def run_tool(tmp_path, monkeypatch, capsys, *options) -> list[list[str]]:
    """Cells of the model and of the filled box."""
    (tmp_path / 'tiny.py').write_text(f'model = {small_box2seg()!r}\n')
    torch.save(dict(state_dict=build_box2seg().state_dict()), tmp_path / 'tiny.pth')
    command = [TOOL, tmp_path / 'tiny.py', tmp_path / 'tiny.pth', *options]
    monkeypatch.setattr(sys, 'argv', [str(part) for part in command])
    runpy.run_path(str(TOOL), run_name='__main__')
    lines = [line.split('│') for line in capsys.readouterr().out.splitlines() if line.count('│') > 4]
    return [[cell.strip() for cell in cells[2:-1]] for cells in lines]


def test_the_tool_scores_the_listed_images(tmp_path, monkeypatch, capsys):
    root = write_coco(tmp_path)
    options = ('--coco', root / 'instances.json', '--images', root / 'held_out.txt')
    row = run_tool(tmp_path, monkeypatch, capsys, *options)[1]
    assert row[0] == f'{100 * np.mean(filled_boxes(MASKS[:2])):.1f}' and row[-1] == '4'


def test_the_tool_scores_the_videos_of_a_config_with_options_of_the_model(tmp_path, monkeypatch, capsys):
    root = write_davis(tmp_path / 'davis', {'bear': MASKS})
    dataset = dict(
        type='DAVIS2017Dataset', data_root=str(root), ann_file='ImageSets/train.txt', test_mode=True
    )
    (tmp_path / 'davis.py').write_text(f'test_dataloader = dict(dataset={dataset!r})\n')
    options = ('--videos', tmp_path / 'davis.py', '--every', 2)
    model, row = run_tool(tmp_path, monkeypatch, capsys, *options)
    assert row[0] == f'{100 * np.mean(filled_boxes(MASKS[[0, 2]])):.1f}' and row[-1] == '4'
    crf = ('--cfg-options', 'model.crf.bi_w=100')
    assert run_tool(tmp_path, monkeypatch, capsys, *options, *crf) != [model, row]
    for wrong in (('--every', 0), ('--min-pixels', 100)):
        with pytest.raises(SystemExit):
            run_tool(tmp_path, monkeypatch, capsys, *options[:2], *wrong)


def test_models_see_the_boxes_of_the_whole_video(tmp_path):
    init_default_scope('vosplug')
    masks = MASKS.copy()
    masks[1][masks[1] == 7] = 0
    root = write_davis(tmp_path / 'davis', {'bear': masks})
    dataset = DAVIS2017Dataset(data_root=str(root), ann_file='ImageSets/train.txt', test_mode=True)
    seen = []

    def watching(frames, t, boxes):
        seen.append((len(frames), t, {k: np.isnan(box).any(1).tolist() for k, box in boxes.items()}))
        return np.zeros((len(boxes[t]), *frames[t].shape[:2]))

    box_to_mask_quality(dataset, {'watching': watching})
    both = {0: [False, False], 1: [False, True], 2: [False, False]}
    assert seen == [(3, 0, both), (3, 1, dict.fromkeys(range(3), [False])), (3, 2, both)]
