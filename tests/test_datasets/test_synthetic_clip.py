"""Synthetic clips: reproducible, exact, and hard enough to tell methods apart."""

import pickle

import numpy as np
import pytest

from vosplug.datasets.synthetic_clip import SyntheticAnnotation, SyntheticClip, SyntheticSource
from vosplug.datasets.synthetic_shapes import REACH, SHAPES, Pen
from vosplug.errors import ConfigError
from vosplug.structures import boxes_of_mask

SIZE = (96, 144)
CLIPS, FRAMES = 12, 20


def make_clip(seed: int = 0, num_frames: int = FRAMES, **kwargs) -> SyntheticClip:
    return SyntheticClip(seed, num_frames, SIZE, **kwargs)


@pytest.fixture(scope='module')
def masks() -> list[np.ndarray]:
    """Id masks (T, H, W) of several clips."""
    clips = [make_clip(seed) for seed in range(CLIPS)]
    return [np.stack([clip.render(t)[1] for t in range(FRAMES)]) for clip in clips]


def object_tracks(masks: list[np.ndarray]) -> list[np.ndarray]:
    """Bool (T, H, W) of every object of every clip."""
    return [video == i for video in masks for i in np.unique(video) if i]


def test_frame_and_mask_have_the_promised_form():
    frame, mask = make_clip().render(3)
    assert frame.shape == (*SIZE, 3) and frame.dtype == np.uint8
    assert mask.shape == SIZE and mask.dtype == np.uint8


def test_same_seed_gives_the_same_bytes_in_any_order():
    forward, other = make_clip(7), make_clip(7)
    ordered = [forward.render(t) for t in range(6)]
    for t in (4, 0, 5, 2, 2):
        for found, expected in zip(other.render(t), ordered[t], strict=False):
            assert np.array_equal(found, expected)


def test_a_short_clip_is_the_beginning_of_a_long_one():
    for short, long in zip(make_clip(3, 5).render(4), make_clip(3, 5000).render(4), strict=False):
        assert np.array_equal(short, long)


def test_a_late_frame_of_a_long_clip_is_reached_directly():
    clip = make_clip(3, 100_000)
    frame, mask = clip.render(99_999)
    assert frame.std() > 5 and set(np.unique(mask)) <= set(range(7))


def test_seeds_and_frames_differ():
    frames = [make_clip(seed).render(0)[0] for seed in range(4)] + [make_clip(0).render(5)[0]]
    assert len({frame.tobytes() for frame in frames}) == len(frames)


def test_a_clip_survives_pickling():
    clip = make_clip(5)
    assert np.array_equal(pickle.loads(pickle.dumps(clip)).render(2)[0], clip.render(2)[0])


def test_a_caller_cannot_damage_the_cached_frame():
    clip = make_clip()
    frame, mask = clip.render(1)
    before = frame.copy()
    frame[:], mask[:] = 0, 9
    assert np.array_equal(clip.render(1)[0], before) and not (clip.render(1)[1] == 9).any()


def test_source_and_annotation_agree_with_the_clip():
    clip = make_clip(2, 4)
    source, annotation = SyntheticSource(clip), SyntheticAnnotation(clip)
    assert len(source) == 4 and source.size == SIZE and annotation.annotated_frames() == [0, 1, 2, 3]
    frame, mask = clip.render(3)
    assert np.array_equal(source[3], frame) and np.array_equal(source[-1], frame)
    assert np.array_equal(annotation.mask(3), mask)
    for object_id, (x1, y1, x2, y2) in annotation.boxes(3).items():
        rows, cols = np.nonzero(mask == object_id)
        assert (x1, y1, x2, y2) == (cols.min(), rows.min(), cols.max() + 1, rows.max() + 1)
    with pytest.raises(IndexError):
        source[4]


def test_the_number_of_objects_is_kept():
    counts = {len(np.unique(make_clip(s, num_objects=(2, 2), hardness=0.0).render(12)[1])) for s in range(8)}
    assert max(counts) == 3 and min(counts) >= 2  # background, and one may be out or hidden


def test_object_one_starts_every_clip(masks):
    assert all((video[0] == 1).sum() > 0.01 * video[0].size for video in masks)


def test_hardly_a_frame_is_empty(masks):
    assert np.mean([frame.any() for video in masks for frame in video]) > 0.98


def test_some_objects_enter_late_and_some_leave(masks):
    seen = np.stack([track.any((1, 2)) for track in object_tracks(masks)])
    assert 0.05 < np.mean(~seen[:, 0]) < 0.5
    assert (seen[:, 0] & ~seen[:, -1]).any()


def test_copying_the_first_mask_is_bad_but_motion_is_continuous(masks):
    copied, neighbours = [], []
    for track in object_tracks(masks):
        shown = track[track.any((1, 2))]
        copied += [iou(shown[0], mask) for mask in shown[1:]]
        neighbours += [iou(a, b) for a, b in zip(shown[:-1], shown[1:], strict=False)]
    assert np.mean(copied) < 0.3
    assert np.mean(neighbours) > 0.6


def test_a_filled_box_is_a_poor_mask(masks):
    fills = [np.mean(box_crop(frame)) for track in object_tracks(masks) for frame in track if frame.any()]
    assert 0.42 < np.mean(fills) < 0.55


def test_object_colours_mostly_differ_from_their_surrounding():
    distances = []
    for seed in range(CLIPS):
        frame, mask = make_clip(seed).render(0)
        distances.append(np.linalg.norm(frame[mask == 1].mean(0) - frame[mask == 0].mean(0)))
    assert np.median(distances) > 30


@pytest.mark.parametrize('shape', SHAPES)
def test_no_shape_reaches_beyond_its_window(shape):
    for seed in range(10):
        drawn = shape(np.random.default_rng(seed), 1.2)
        for t in range(0, 60, 7):
            mask = np.zeros((200, 200), np.uint8)
            drawn.draw(Pen(mask, np.array([[40.0, 0, 100], [0, 40, 100]])), t)
            rows, cols = np.nonzero(mask)
            assert np.hypot(rows - 100, cols - 100).max() <= 40 * REACH


@pytest.mark.parametrize(
    'bad', [dict(seed=-1), dict(num_frames=0), dict(hardness=2), dict(num_objects=(3, 1))]
)
def test_wrong_settings_are_named(bad):
    with pytest.raises(ConfigError, match=next(iter(bad))):
        make_clip(**bad)


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return (a & b).sum() / (a | b).sum()


def box_crop(mask: np.ndarray) -> np.ndarray:
    x1, y1, x2, y2 = boxes_of_mask(mask.astype(np.uint8))[1].astype(int)
    return mask[y1:y2, x1:x2]
