"""Masks into labels: who wins, what is void, what a human said."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vosplug.errors import AnnotationError, ConfigError
from vosplug.formats.rle import decode_mask, encode_mask
from vosplug.pseudo_labels import BoxTrack, BoxVideo, Composer, ObjectMask, Rules, read_listed
from vosplug.pseudo_labels.composition import track_entry
from vosplug.structures import ArrayAnnotation, ArraySource, fill_box

SIZE = (12, 20)
BOXES = {1: [2, 2, 12, 10], 2: [8, 4, 16, 10]}  # 80 and 48 pixels, overlapping in columns 8 to 11
SCORES = {1: 0.6, 2: 0.9}
NAN = float('nan')


def compose(
    boxes: dict[int, list] | None = None,
    rules: Rules | None = None,
    masks: dict[int, np.ndarray] | None = None,
    there: int = 1,
    **kwargs,
) -> tuple[np.ndarray | None, dict]:
    """The one frame of a video: its id mask, and its labels by object."""
    boxes = boxes or BOXES
    tracks = {i: BoxTrack(f't{i}') for i in boxes}
    for i, box in boxes.items():
        for one in box if isinstance(box[0], list) else [box]:
            tracks[i].add('00000', one)
    video = BoxVideo('bear', ['00000'], {'00000': 'bear/00000.jpg'}, tracks, Path())
    masks = {i: fill_box(BOXES[i], SIZE) for i in boxes} if masks is None else masks
    auto = {i: {'00000': ObjectMask(encode_mask(mask), SCORES[i])} for i, mask in masks.items()}
    source = ArraySource([np.zeros((*SIZE, 3), np.uint8)], ['00000' if there else 'other'])
    hands = {key: kwargs.pop(key, {}) for key in ('manual', 'corrections')}
    composer = Composer(video, source, auto, rules=rules or Rules(), **hands, **kwargs)
    ((_, mask, labels),) = composer
    return mask, {label.object_id: label for label in labels}


@pytest.mark.parametrize(('overlap', 'winner'), [('score', 2), ('smaller', 2), ('first', 1), ('last', 2)])
def test_who_wins_a_pixel(overlap, winner):
    mask, labels = compose(rules=Rules(overlap))
    both = fill_box(BOXES[1], SIZE) & fill_box(BOXES[2], SIZE)
    assert (mask[both] == winner).all() and both.sum() == 24
    assert (mask > 0).sum() == 80 + 48 - 24
    assert [label.status for label in labels.values()] == ['ok', 'ok']


def test_the_smaller_one_wins_whatever_the_scores():
    masks = {1: fill_box([9, 5, 11, 7], SIZE), 2: fill_box(BOXES[2], SIZE)}
    mask, _ = compose(rules=Rules('smaller'), masks=masks)
    assert (mask == 1).sum() == 4


def test_a_listed_mask_goes_and_its_box_is_void():
    mask, labels = compose(rules=Rules(listed=frozenset([('bear', 1, '00000'), ('wolf', 2, '00000')])))
    inside = fill_box(BOXES[1], SIZE)
    assert (mask[inside] == 255).all() and (mask == 255).sum() == inside.sum() and not (mask == 1).any()
    assert (labels[1].status, labels[1].reason, labels[2].status) == ('ignored', 'listed', 'ok')


def test_masks_below_the_threshold_are_void_and_void_truth_does_not_count():
    truth = np.zeros(SIZE, np.uint8)
    truth[2:10, 2:7], truth[4:10, 8:16] = 1, 2  # half of object 1
    mask, labels = compose(rules=Rules(min_iou=0.5), truth=ArrayAnnotation([truth]))
    assert labels[1].status == labels[2].status == 'ok'
    mask, labels = compose(rules=Rules(min_iou=0.51), truth=ArrayAnnotation([truth]))
    assert (labels[1].status, labels[1].reason) == ('ignored', 'IoU 0.500')
    assert (mask == 255).sum() == 80
    truth[2:10, 7:12] = 255
    assert compose(rules=Rules(min_iou=0.99), truth=ArrayAnnotation([truth]))[1][1].status == 'ok'


def test_an_empty_mask_is_no_mask():
    masks = {1: np.zeros(SIZE, bool), 2: fill_box(BOXES[2], SIZE)}
    mask, labels = compose(masks=masks)
    assert (labels[1].status, labels[1].reason) == ('ignored', 'empty mask')
    assert (mask[fill_box(BOXES[1], SIZE)] == 255).all()


@given(st.integers(0, 2**32 - 1), st.sampled_from(['manual', 'corrections']), st.booleans())
def test_a_manual_mask_is_kept_verbatim(seed, kind, listed):
    by_hand = np.random.default_rng(seed).choice(np.array([0, 1, 255], np.uint8), SIZE, p=[0.6, 0.3, 0.1])
    by_hand[0, 0] = 1
    rules = Rules(listed=frozenset([('bear', 1, '00000'), ('bear', 2, '00000')]) if listed else frozenset())
    mask, labels = compose(rules=rules, **{kind: {1: {'00000': by_hand}}})
    assert np.array_equal(mask == 1, by_hand == 1) and (mask[by_hand == 255] == 255).all()
    assert (labels[1].source, labels[1].score) == ('manual', None)
    assert labels[1].status == ('fixed' if kind == 'corrections' else 'ok')
    rle, _ = track_entry(mask, labels[1])
    assert np.array_equal(decode_mask(rle, SIZE), by_hand == 1)


def test_a_correction_replaces_an_earlier_manual_mask():
    one, other = (fill_box(box, SIZE).astype(np.uint8) for box in ([0, 0, 3, 3], [5, 5, 9, 9]))
    mask, labels = compose(manual={1: {'00000': one}}, corrections={1: {'00000': other}})
    assert np.array_equal(mask == 1, other == 1) and labels[1].status == 'fixed'


def test_a_manual_mask_labels_void_pixels_of_another():
    one, other = np.full((2, *SIZE), 255, np.uint8)
    one[:4], other[6:] = 1, 1
    mask, _ = compose(manual={1: {'00000': one}, 2: {'00000': other}})
    assert (mask[:4] == 1).all() and (mask[4:6] == 255).all() and (mask[6:] == 2).all()


@pytest.mark.parametrize(
    ('box', 'reason', 'void'),
    [
        ([[2, 2, 6, 6], [12, 6, 18, 10]], 'object twice in the frame', 16 + 24),
        ([[2, 2, 6, 6], [NAN, 6, 18, 10]], 'object twice in the frame', SIZE[0] * SIZE[1] - 48),
        ([NAN, 2, 12, 10], 'box not finite', SIZE[0] * SIZE[1] - 48),
        ([2, 2, 2, 10], 'box without area', SIZE[0] * SIZE[1] - 48),
        ([30, 2, 42, 10], 'box outside the image', 0),
    ],
)
def test_a_bad_box_is_skipped_and_what_is_unknown_is_void(box, reason, void):
    mask, labels = compose({1: box, 2: BOXES[2]}, masks={2: fill_box(BOXES[2], SIZE)})
    assert (labels[1].status, labels[1].reason, labels[1].mask) == ('skipped', reason, None)
    assert labels[2].status == 'ok' and not (mask == 1).any()
    assert (mask == 255).sum() == void
    assert track_entry(mask, labels[1]) == (None, None)


@pytest.mark.parametrize('there', [0, 1])
def test_a_frame_that_cannot_be_read_has_no_mask(there):
    mask, labels = compose(masks={}, there=there)
    assert mask is None
    assert {(label.status, label.reason) for label in labels.values()} == {
        ('skipped', 'frame missing or damaged')
    }
    by_hand = {1: {'00000': fill_box(BOXES[1], SIZE).astype(np.uint8)}}
    if not there:
        assert compose(masks={}, there=0, manual=by_hand)[1][1].status == 'skipped'


def test_json_has_a_box_without_a_mask_where_training_should_see_nothing():
    mask, labels = compose(rules=Rules(listed=frozenset([('bear', 1, '00000')])))
    assert track_entry(mask, labels[1]) == (None, [2, 2, 10, 8])
    rle, box = track_entry(mask, labels[2])
    assert np.array_equal(decode_mask(rle, SIZE), mask == 2) and box == [8, 4, 8, 6]


def test_wrong_rules_are_named():
    with pytest.raises(ConfigError, match="'largest', expected one of"):
        Rules('largest')
    with pytest.raises(ConfigError, match='min_iou: found 50'):
        Rules(min_iou=50)


def test_a_list_of_bad_masks(tmp_path):
    track = BoxTrack('1', boxes={'00000': [np.zeros(4)], '00010': [np.zeros(4)]})
    videos = [BoxVideo(name, [], {}, {1: track, 7: track}, Path()) for name in ('bear', 'cats/one')]
    path = tmp_path / 'bad.csv'
    path.write_text('video,object,track,frame,score\nbear,1,t1,00000,0.3\ncats/one,7,x,00010,\n')
    assert read_listed(path, videos) == {('bear', 1, '00000'), ('cats/one', 7, '00010')}
    path.write_text('video,frame\nbear,00000\n')
    with pytest.raises(
        AnnotationError, match=r"bad\.csv: lacks the columns \['object'\].*video,object,frame"
    ):
        read_listed(path, videos)
    path.write_text('video,object,frame\nbear,2,00000\n')
    with pytest.raises(AnnotationError, match=r'line 2: no box of video bear, object 2'):
        read_listed(path, videos)
