"""Manual masks: which of them are used."""

import numpy as np
import pytest
from small_box2seg import FINE_TUNE, build_box2seg, write_boxed_videos
from small_data import make_frames, make_masks

from vosplug.errors import AnnotationError
from vosplug.formats import read_id_mask, write_id_mask
from vosplug.models import Box2SegInitializer
from vosplug.pseudo_labels import Labeller, ManualMasks, read_box_videos
from vosplug.structures import ArraySource, single_object

MASKS = make_masks(5)
FRAMES = [f'{t:05d}' for t in range(5)]
SOURCE = ArraySource(make_frames(MASKS))
SHOWN = {3: FRAMES, 7: FRAMES[3:]}


def write(folder, times) -> ManualMasks:
    for t in times:
        write_id_mask(folder / 'bear' / f'{FRAMES[t]}.png', MASKS[t])
    return folder


def chosen(folder, rule: str) -> dict[int, list[str]]:
    found = ManualMasks(folder, rule).of_video('bear', FRAMES, SHOWN, SOURCE)
    for i, masks in found.items():
        for frame, mask in masks.items():
            assert np.array_equal(mask == 1, MASKS[FRAMES.index(frame)] == i) and mask.max() == 1
    return {i: list(masks) for i, masks in found.items()}


@pytest.mark.parametrize(
    ('there', 'rule', 'expected'),
    [
        (range(5), 'middle', {3: ['00002'], 7: ['00004']}),
        (range(5), 'first', {3: ['00000'], 7: ['00003']}),
        (range(5), 'all', {3: FRAMES, 7: FRAMES}),
        (range(5), '00001', {3: ['00001'], 7: ['00001']}),
        ([1, 4], 'middle', {3: ['00001'], 7: ['00004']}),
        ([1, 4], 'first', {3: ['00001'], 7: ['00004']}),
        ([1], 'middle', {3: ['00001']}),
        ([1], '00002', {}),
    ],
)
def test_rules(tmp_path, there, rule, expected):
    assert chosen(write(tmp_path, there), rule) == expected


def test_what_nobody_knows_is_no_background(tmp_path):
    mask = MASKS[1].copy()
    mask[:, :2] = 255
    write_id_mask(tmp_path / 'bear' / '00001.png', mask)
    for i, masks in ManualMasks(tmp_path).of_video('bear', FRAMES, {3: FRAMES, 7: FRAMES}, SOURCE).items():
        assert np.array_equal(masks['00001'] == 255, mask == 255)
        assert np.array_equal(masks['00001'] == 1, mask == i)


def test_a_video_without_a_folder_has_none(tmp_path):
    write(tmp_path, [1])
    assert ManualMasks(tmp_path).of_video('wolf', FRAMES, SHOWN, SOURCE) == {}


def test_what_does_not_fit_is_named(tmp_path):
    write(tmp_path, [1])
    with pytest.raises(AnnotationError, match='no such folder'):
        ManualMasks(tmp_path / 'no')
    all_masks = ManualMasks(tmp_path, 'all')
    with pytest.raises(AnnotationError, match=r'00001\.png: shows object 7.*\[3\]'):
        all_masks.of_video('bear', FRAMES, {3: FRAMES}, SOURCE)
    write_id_mask(tmp_path / 'bear' / '00099.png', MASKS[0])
    with pytest.raises(AnnotationError, match=r'00099\.png: the video has no such frame'):
        all_masks.of_video('bear', FRAMES, SHOWN, SOURCE)
    write_id_mask(tmp_path / 'bear' / '00001.png', MASKS[0][:-1])
    with pytest.raises(AnnotationError, match='mask is 64x47'):
        ManualMasks(tmp_path).of_video('bear', FRAMES, SHOWN, SOURCE)


def test_the_order_in_which_masks_were_given_makes_no_difference(tmp_path):
    root = write_boxed_videos(tmp_path)
    video = read_box_videos(root / 'boxes.csv', root / 'videos')[0]
    masks = {
        f'{t:05d}': single_object(read_id_mask(root / 'truth' / 'bear' / f'{t:05d}.png'), 3) for t in (0, 2)
    }
    labeller = Labeller(Box2SegInitializer(build_box2seg()), FINE_TUNE)
    first, second = (
        labeller.label(video, video.open(), [3], {3: dict(order)})
        for order in (masks.items(), reversed(masks.items()))
    )
    assert first == second
