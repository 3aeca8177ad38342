"""YouTube-VIS files: run lengths, polygons and boxes come back; a wrong file is named."""

import json
import tracemalloc

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask
from small_data import make_masks, rle, ytvis_content

from vosplug.errors import AnnotationError
from vosplug.formats import YTVISAnnotation, YTVISFile
from vosplug.formats.schema import RLE
from vosplug.formats.ytvis_json import YTVISTrack

SIZE = (7, 11)


def one_track(**entries) -> YTVISAnnotation:
    length = len(next(iter(entries.values())))
    track = msgspec.convert(dict(video_id=1, id=5, **entries), YTVISTrack)
    return YTVISAnnotation([track], SIZE, length, 'a.json')


@given(arrays(bool, SIZE), st.sampled_from(['list', 'text']))
def test_run_lengths_round_trip(mask, form):
    encoded = rle(mask)
    if form == 'text' and encoded:
        encoded = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
        encoded['counts'] = encoded['counts'].decode()
    found = one_track(segmentations=[encoded]).mask(0)
    assert found.dtype == np.uint8 and np.array_equal(found, mask)


def test_a_polygon_fills_its_inside():
    found = one_track(segmentations=[[[2, 1, 6, 1, 6, 4, 2, 4]]]).mask(0)
    expected = np.zeros(SIZE, np.uint8)
    expected[1:4, 2:6] = 1
    assert np.array_equal(found, expected)


@given(st.tuples(*[st.integers(0, 40)] * 2, *[st.integers(1, 40)] * 2))
def test_boxes_become_corners(box):
    x, y, width, height = box
    found = one_track(bboxes=[list(box)]).boxes(0)[1]
    assert found.dtype == np.float32 and found.tolist() == [x, y, x + width, y + height]


def test_absent_objects_and_empty_boxes():
    annotation = one_track(bboxes=[None, [1, 2, 0, 4], [1, 2, 3, 4]])
    assert [sorted(annotation.boxes(t)) for t in range(3)] == [[], [], [1]]
    assert annotation.mask(2) is None and annotation.annotated_frames() == [1, 2]


def test_a_frame_without_objects_has_an_empty_mask():
    annotation = one_track(segmentations=[None, rle(np.ones(SIZE, bool))])
    assert annotation.mask(0).tolist() == np.zeros(SIZE).tolist() and annotation.annotated_frames() == [1]


def test_tracks_with_boxes_and_tracks_with_masks_meet():
    square = np.zeros(SIZE, bool)
    square[2:4, 3:6] = True
    tracks = [
        YTVISTrack(1, segmentations=[RLE(SIZE, rle(square)['counts'])]),
        YTVISTrack(1, bboxes=[(0, 0, 2, 2)]),
    ]
    boxes = YTVISAnnotation(tracks, SIZE, 1, 'a.json').boxes(0)
    assert {i: b.tolist() for i, b in boxes.items()} == {1: [3, 2, 6, 4], 2: [0, 0, 2, 2]}


@pytest.fixture
def content():
    return ytvis_content({'a': make_masks(4), 'b': make_masks(3, (2,))})


def write(tmp_path, content):
    (tmp_path / 'ann.json').write_text(content if isinstance(content, str) else json.dumps(content))
    return tmp_path / 'ann.json'


def test_a_file_gives_every_video_its_tracks(tmp_path, content):
    file = YTVISFile(write(tmp_path, content))
    first, second = (file.annotation(video) for video in file.videos)
    masks = make_masks(4)
    for t in range(4):
        assert np.array_equal(first.mask(t), np.select([masks[t] == 3, masks[t] == 7], [1, 2]))
    assert sorted(second.boxes(0)) == [1] and file.track_categories(file.videos[0]) == {
        1: 'ellipse',
        2: 'ellipse',
    }


def no_videos(content):
    del content['videos']


def null_annotations(content):
    content['annotations'] = None


def no_height(content):
    del content['videos'][1]['height']


def no_frames(content):
    content['videos'][0]['file_names'] = None


def no_video_id(content):
    del content['annotations'][1]['video_id']


def unknown_video(content):
    content['annotations'][2]['video_id'] = 99


def short_masks(content):
    content['annotations'][0]['segmentations'].pop()


def long_boxes(content):
    content['annotations'][2]['bboxes'].append(None)


def video_twice(content):
    content['videos'][1]['id'] = content['videos'][0]['id']


def frame_twice(content):
    content['videos'][0]['file_names'][1] = content['videos'][0]['file_names'][0]


def frame_outside(content):
    content['videos'][1]['file_names'][2] = '../../etc/x.jpg'


def category_twice(content):
    content['categories'] = [dict(id=1, name='bear'), dict(id=1, name='cat')]


def box_of_text(content):
    content['annotations'][0]['bboxes'][1] = ['5', '5', '20', '15']


def flag_as_id(content):
    content['videos'][0]['id'] = True


def box_not_finite(content):
    content['annotations'][0]['bboxes'][0][2] = float('nan')


def negative_counts(content):
    content['annotations'][0]['segmentations'][0]['counts'][0] = -3


def neither(content):
    content['annotations'][0].update(segmentations=None, bboxes=None)


@pytest.mark.parametrize(
    ('damage', 'says'),
    [
        (no_videos, 'the file lacks "videos"; the layout is that of YouTube-VIS'),
        (null_annotations, 'annotations: expected array, found null'),
        (no_height, r'videos\[1\] lacks "height"'),
        (no_frames, r'videos\[0\].file_names: expected array, found null'),
        (no_video_id, r'annotations\[1\] lacks "video_id"'),
        (unknown_video, 'annotation 2 belongs to video 99.*Add the video or remove'),
        (short_masks, 'annotation 0, "segmentations" has 3 entries, its video has 4.*one entry per frame'),
        (long_boxes, 'annotation 2, "bboxes" has 4 entries, its video has 3'),
        (neither, 'annotation 0 has neither'),
        (video_twice, 'video 1 is listed twice'),
        (frame_twice, "video 1, frame '00000' is listed twice"),
        (frame_outside, r"expected a relative path without .*'\.\./\.\./etc/x\.jpg'"),
        (category_twice, 'category 1 is listed twice'),
        (box_of_text, r'annotations\[0\]\.bboxes\[1\]\[0\]: expected float, found str'),
        (flag_as_id, r'videos\[0\]\.id: expected int \| str, found bool'),
        (box_not_finite, 'not valid JSON'),
        (negative_counts, r'annotations\[0\]\.segmentations\[0\]\.counts\[0\]: expected int >= 0'),
    ],
)
def test_a_wrong_file_is_named_when_opened(tmp_path, content, damage, says):
    damage(content)
    with pytest.raises(AnnotationError, match=rf'ann\.json(: .*|, video 2: ){says}'):
        YTVISFile(write(tmp_path, content))


@pytest.mark.parametrize('text', ['', '{"videos": [', 'ÿ'])
def test_no_json(tmp_path, text):
    with pytest.raises(AnnotationError, match=r'ann\.json: not valid JSON .*Export'):
        YTVISFile(write(tmp_path, text))


@pytest.mark.parametrize('text', ['[]', '7', 'null'])
def test_json_of_something_else(tmp_path, text):
    with pytest.raises(
        AnnotationError, match=r'ann\.json: the file: expected object, found (array|int|null)'
    ):
        YTVISFile(write(tmp_path, text))


def test_no_file(tmp_path):
    with pytest.raises(AnnotationError, match=r'gone\.json: annotation file not found'):
        YTVISFile(tmp_path / 'gone.json')


@pytest.mark.parametrize(
    ('segmentation', 'says'),
    [
        (rle(np.ones((3, 4), bool)), 'is 4x3, its video is 11x7'),
        (dict(size=SIZE, counts=[70, 6]), 'add up to 11x7 = 77 pixels.*found 76 in 2 runs'),
        (dict(size=SIZE, counts='7'), 'add up to .* found 7 in 1 runs'),
        ([[2, 1, 6, 1]], 'three points or more, found 4 numbers'),
    ],
)
def test_a_wrong_mask_is_named(segmentation, says):
    with pytest.raises(AnnotationError, match=rf'a\.json: annotation 5, frame 0.*{says}'):
        one_track(segmentations=[segmentation]).mask(0)


def test_a_track_twice_in_a_video_is_named(tmp_path, content):
    content['annotations'][1]['id'] = content['annotations'][0]['id']
    file = YTVISFile(write(tmp_path, content))
    with pytest.raises(AnnotationError, match=r'ann\.json: video 1, annotation 1000 is listed twice'):
        file.annotation(file.videos[0])


def test_more_tracks_than_an_id_mask_holds(tmp_path, content):
    content['annotations'] = content['annotations'][:1] * 255
    file = YTVISFile(write(tmp_path, content))
    with pytest.raises(AnnotationError, match=r'ann\.json: video 1 has 255 tracks.*254'):
        file.annotation(file.videos[0])


def test_masks_of_many_objects_are_held_one_at_a_time():
    size, count = (1000, 1000), 100
    polygons = [[[k, 0, k + 1, 0, k + 1, 9, k, 9]] for k in range(count)]
    annotation = YTVISAnnotation([YTVISTrack(1, k, None, [p]) for k, p in enumerate(polygons)], size, 1, 'x')
    tracemalloc.start()
    mask = annotation.mask(0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert set(np.unique(mask)) == set(range(count + 1))
    assert peak < 10 * mask.size
