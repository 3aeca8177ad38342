"""Objects of other samples become occluders and clutter."""

import numpy as np
import pytest

from vosplug.datasets import SyntheticVOS
from vosplug.datasets.transforms import ClipRandomFlip, LoadClip, PackClip, PasteObject
from vosplug.errors import ConfigError
from vosplug.structures import Supervision, boxes_of_mask

TARGET = (slice(10, 30), slice(20, 40))


def frame(brightness: int, kind: Supervision = Supervision.MASK) -> dict:
    """A frame of 40x60: a bright square, object 1, on black."""
    mask = np.zeros((40, 60), np.uint8)
    mask[TARGET] = 1
    return dict(
        imgs=[np.repeat((mask * brightness)[..., None], 3, 2)],
        id_masks=[mask],
        boxes=np.float32([[[20, 10, 40, 30]]]),
        visible=np.ones((1, 1), bool),
        supervision=np.full((1, 1), int(kind)),
        object_ids=[7],
    )


def pasted(**options) -> list[dict]:
    """Fifty frames of brightness 100 with the object of one of brightness 200."""
    np.random.seed(0)
    paste = PasteObject(prob=1, **options)
    return [paste(dict(frame(100), another=lambda transform: frame(200))) for _ in range(50)]


def test_an_occluder_takes_pixels_from_the_object():
    changed = 0
    for result in pasted(front=1, max_covered=1):
        grey, mask = result['imgs'][0][..., 0], result['id_masks'][0]
        new = grey > 150
        changed += new[TARGET].any()
        assert not mask[new].any() and (mask[TARGET] == ~new[TARGET]).all()
        if result['visible'][0, 0]:
            rows, columns = np.nonzero(mask)
            tight = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert result['boxes'][0, 0].tolist() == tight
    assert changed == 50


def test_clutter_leaves_the_object_as_it_is():
    changed = 0
    for result in pasted(front=0):
        image, before = result['imgs'][0], frame(100)
        assert np.array_equal(result['id_masks'][0], before['id_masks'][0])
        assert np.array_equal(image[TARGET], before['imgs'][0][TARGET])
        changed += (image > 0).sum() > (before['imgs'][0] > 0).sum()
    assert changed > 25


def test_an_occluder_covers_a_share_of_the_object_at_most():
    for result in pasted(front=1, max_covered=0.2, scale=(0.8, 0.8)):
        assert (result['id_masks'][0] == 1).sum() >= 0.8 * 400


def test_the_size_is_relative_to_the_box():
    for result in pasted(front=1, max_covered=1, scale=(0.5, 0.5)):
        rows, columns = np.nonzero(result['imgs'][0][..., 0] > 150)
        assert np.ptp(rows) < 11 and np.ptp(columns) < 11


def test_objects_that_are_hidden_or_known_by_their_box_are_left_alone():
    hidden = frame(200)
    hidden['visible'][:] = False
    for sample in (hidden, frame(200, Supervision.BOX)):
        for target, other in ((frame(100), sample), (sample, frame(100))):
            before = target['imgs'][0].copy()
            after = PasteObject(prob=1)(dict(target, another=lambda transform, other=other: other))
            assert np.array_equal(after['imgs'][0], before)


def test_the_pasted_object_is_one_before_the_transform():
    flip, paste = ClipRandomFlip(prob=0), PasteObject(prob=1, front=1, max_covered=1)
    seen = []
    dataset = SyntheticVOS(
        num_videos=5,
        size=(48, 64),
        clip_sampler=dict(num_frames=1),
        pipeline=[LoadClip(), flip, lambda results: seen.append('before') or results, paste, PackClip()],
    )
    item = dataset[0]
    assert seen == ['before', 'before'] and 'another' not in item


def test_boxes_stay_tight_where_only_the_first_frame_has_masks():
    pipeline = [LoadClip(), PasteObject(prob=1, front=1, max_covered=1), PackClip()]
    dataset = SyntheticVOS(num_videos=4, size=(64, 96), supervision='first_mask', pipeline=pipeline)
    np.random.seed(0)
    for idx in (0, 1, 2, 3) * 4:
        sample = dataset[idx]['data_samples']
        tight = boxes_of_mask(sample.id_masks[0].numpy())
        boxes = sample.boxes[0].numpy()
        assert {slot + 1: boxes[slot].tolist() for slot in np.flatnonzero(sample.valid)} == {
            object_id: box.tolist() for object_id, box in tight.items()
        }


@pytest.mark.parametrize('box', [[-2.5, 9.4, 40.3, 30.5], [20.2, 10, 20.9, 30]])
def test_the_pasted_object_is_cut_out_by_its_mask(box):
    other = frame(200)
    other['boxes'][0, 0] = box  # of a file: loose, beyond the image, or thinner than a pixel
    np.random.seed(0)
    found = PasteObject(prob=1, front=1)(dict(frame(100), another=lambda transform: other))
    np.random.seed(0)
    wanted = PasteObject(prob=1, front=1)(dict(frame(100), another=lambda transform: frame(200)))
    assert np.array_equal(found['imgs'][0], wanted['imgs'][0])


@pytest.mark.parametrize(
    ('wrong', 'said'),
    [
        (dict(prob=1.5), r'PasteObject\.prob: found 1\.5'),
        (dict(max_covered=-0.1), r'PasteObject\.max_covered: found -0\.1'),
        (dict(scale=(0, 1)), r'scale: found \(0, 1\)'),
    ],
)
def test_wrong_options_are_named(wrong, said):
    with pytest.raises(ConfigError, match=said):
        PasteObject(**wrong)
