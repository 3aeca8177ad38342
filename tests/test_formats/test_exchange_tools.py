"""Files as annotation tools and benchmarks give them: every box and pixel is where they say."""

import json
from pathlib import Path

import numpy as np
import pytest
from small_data import make_frames, make_masks, write_frames

from vosplug.errors import AnnotationError
from vosplug.formats.exchange import FORMATS, Context
from vosplug.formats.rle import decode_mask

DATA = Path(__file__).parents[1] / 'data' / 'annotations'
SIZE = (48, 64)


def read(name: str, path: Path, **kwargs):
    context = Context(**kwargs)
    return FORMATS[name].read(path, context), context.dropped


def shape(mask: str, size: tuple[int, int] = SIZE) -> tuple[int, int, int, int, int]:
    """Tight box of a mask, and its number of pixels."""
    ys, xs = np.nonzero(decode_mask(mask, size))
    return xs.min(), ys.min(), xs.max() + 1, ys.max() + 1, len(xs)


def cvat(tmp_path: Path, tracks: str, size: int = 6, extra: str = '') -> Path:
    path = tmp_path / 'in.xml'
    original = '<original_size><width>64</width><height>48</height></original_size>'
    path.write_text(
        f'<annotations><meta><task><name>a</name><size>{size}</size>{original}{extra}</task></meta>{tracks}'
        '</annotations>'
    )
    return path


def box(t: int, x: float, outside: int = 0) -> str:
    return f'<box frame="{t}" outside="{outside}" occluded="0" xtl="{x}" ytl="2" xbr="{x + 4}" ybr="6"/>'


def test_an_export_of_cvat():
    [video], dropped = read('cvat', DATA / 'cvat_export.xml')
    assert (video.name, video.size, len(video.frame_names)) == ('street', SIZE, 6)
    assert video.annotated == list(range(6))
    car, polygon, mask, points = video.objects
    assert [o.category for o in video.objects] == ['car', 'person', 'person', 'person']
    assert car.boxes == {1: (10, 8, 30.5, 20), 2: (12, 8.5, 32.5, 20.5), 3: (14, 9, 34.5, 21)}
    assert car.occluded == {3}
    assert polygon.frames == [0] and shape(polygon.masks[0]) == (40, 10, 50, 30, 200)
    # runs 1, 3, 0, 2, 2, 1 of 3x3 pixels, row by row
    rows = decode_mask(mask.masks[5], SIZE)[30:33, 20:23].astype(int).tolist()
    assert rows == [[0, 1, 1], [1, 1, 1], [0, 0, 1]]
    assert points.frames == [] and dropped == {'<points> shapes of CVAT': 1}


def test_keyframes_of_cvat_are_interpolated_as_cvat_does(tmp_path):
    boxes = box(1, 10) + box(4, 16) + box(7, 16, outside=1) + box(9, 0)
    [video], _ = read('cvat', cvat(tmp_path, f'<track id="0" label="car">{boxes}</track>', size=12))
    xs = {t: found[0] for t, found in video.objects[0].boxes.items()}
    assert xs == pytest.approx({1: 10, 2: 12, 3: 14, 4: 16, 5: 16, 6: 16, 9: 0, 10: 0, 11: 0})


def test_frame_steps_of_cvat(tmp_path):
    boxes = box(10, 0) + box(20, 10)
    extra = '<start_frame>10</start_frame><stop_frame>25</stop_frame><frame_filter>step=5</frame_filter>'
    [video], _ = read('cvat', cvat(tmp_path, f'<track id="0" label="car">{boxes}</track>', 4, extra))
    assert video.annotated == [10, 15, 20, 25] and len(video.frame_names) == 26
    assert {t: b[0] for t, b in video.objects[0].boxes.items()} == {10: 0, 15: 5, 20: 10, 25: 10}


def test_what_lies_between_polygons_is_not_guessed(tmp_path):
    polygon = '<polygon frame="{}" outside="0" occluded="0" points="{}"/>'.format
    shapes = polygon(0, '1,1;9,1;9,9;1,9') + polygon(3, '2,1;9,1;9,9;2,9')
    [video], dropped = read('cvat', cvat(tmp_path, f'<track id="0" label="car">{shapes}</track>', size=5))
    assert video.annotated == [0, 3, 4] and video.objects[0].frames == [0, 3, 4]
    assert dropped == {'frames between polygons, which CVAT interpolates when it exports': 2}


def test_a_rotated_box_of_cvat_becomes_the_box_around_it(tmp_path):
    boxes = '<box frame="0" xtl="10" ytl="20" xbr="30" ybr="24" rotation="90.00"/>'
    [video], dropped = read('cvat', cvat(tmp_path, f'<track id="0" label="car">{boxes}</track>', size=1))
    assert video.objects[0].boxes[0] == pytest.approx((18, 12, 22, 32)) and sum(dropped.values()) == 1


def test_a_project_of_cvat_is_several_videos(tmp_path):
    tasks = ''.join(f'<task><id>{k}</id><name>t{k}</name><size>2</size></task>' for k in (4, 5))
    tracks = ''.join(f'<track id="{k}" label="car" task_id="{k}">{box(0, k)}</track>' for k in (4, 5))
    path = tmp_path / 'in.xml'
    path.write_text(
        f'<annotations><meta><project><tasks>{tasks}</tasks></project></meta>{tracks}</annotations>'
    )
    videos, _ = read('cvat', path)
    assert {v.name: v.objects[0].boxes[1][0] for v in videos} == {'t4': 4, 't5': 5}


@pytest.mark.parametrize(
    ('tracks', 'says'),
    [
        ('<track id="0" label="c"><box frame="9" xtl="0" ytl="0" xbr="1" ybr="1"/></track>', 'frame 9'),
        ('<track id="0" label="c"><box frame="x"/></track>', r'\[0\].shapes\[0\].frame'),
        ('<track id="0" label="c"><box frame="1" xtl="1" ytl="2" xbr="3"/></track>', 'lacks "ybr"'),
        ('<track id="0"></track>', 'lacks "label"'),
        (f'<track id="0" label="c">{box(1, 2)}{box(1, 3)}</track>', 'frame 1 is listed twice'),
        ('<track id="0" label="c"><box frame="0" xtl="nan" ytl="2" xbr="3" ybr="4"/></track>', 'xtl'),
        ('<track id="0" label="c"><polygon frame="0" points="1,2;3"/></track>', 'three points'),
        ('<track id="0" label="c"><polygon frame="0" points="a"/></track>', 'expected points'),
        ('<track label="c"><mask frame="0" rle="9" left="60" top="0" width="9" height="1"/></track>', '69'),
        ('<track label="c"><mask frame="0" rle="8" left="0" top="0" width="3" height="3"/></track>', 'add'),
        ('<image id="0" name="a.jpg"/>', 'CVAT for images'),
        ('<track', 'not valid XML'),
    ],
)  # fmt: skip
def test_damaged_cvat_is_named(tmp_path, tracks, says):
    with pytest.raises(AnnotationError, match=f'in.xml.*{says}'):
        read('cvat', cvat(tmp_path, tracks))


def test_entity_bombs_and_external_entities_are_refused(tmp_path):
    path = tmp_path / 'in.xml'
    lols = ''.join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 12))
    path.write_text(f'<!DOCTYPE a [<!ENTITY l0 "lol">{lols}]><annotations>&l11;</annotations>')
    with pytest.raises(AnnotationError, match='document type'):
        read('cvat', path)
    path.write_text('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotations>&x;</annotations>')
    with pytest.raises(AnnotationError, match='document type'):
        read('cvat', path)
    path.write_text('<a>' * 10**5)
    with pytest.raises(AnnotationError, match='elements nested'):
        read('cvat', path)
    path.write_bytes(b'PK\x03\x04zip')
    with pytest.raises(AnnotationError, match='Unzip'):
        read('cvat', path)


def test_keyframes_that_stand_for_too_many_boxes_are_refused(tmp_path, monkeypatch):
    tracks = f'<track id="0" label="car">{box(0, 1)}</track>' * 7
    with pytest.raises(AnnotationError, match='VOSPLUG_MAX_FRAMES'):
        read('cvat', cvat(tmp_path, tracks, size=10**9))
    monkeypatch.setenv('VOSPLUG_MAX_BOXES', '5000')
    with pytest.raises(
        AnnotationError, match='track 5: its keyframes stand for 5,994 boxes.*VOSPLUG_MAX_BOXES'
    ):
        read('cvat', cvat(tmp_path, tracks, size=1000))


def test_an_export_of_label_studio():
    [video], dropped = read('label-studio', DATA / 'label_studio_export.json', size=(100, 200))
    assert video.name == 'street one' and len(video.frame_names) == 8
    [car] = video.objects
    # Label Studio counts from 1; the second keyframe is the last of its span
    assert car.category == 'Car' and car.frames == [0, 1, 2, 3, 4, 6, 7]
    assert car.boxes[0] == (50, 50, 75, 75) and car.boxes[4] == (100, 50, 150, 75)
    assert car.boxes[2] == pytest.approx((75, 50, 112.5, 75))
    assert car.boxes[6] == car.boxes[7] == (0, 0, 100, 50)
    assert dropped == {'regions of Label Studio other than boxes of a video': 1}


def test_label_studio_at_another_frame_rate_is_refused(tmp_path):
    write_frames(tmp_path / 'street one', make_frames(make_masks(4)))
    with pytest.raises(AnnotationError, match='framesCount is 8, video street one has 4.*another frame rate'):
        read('label-studio', DATA / 'label_studio_export.json', videos=tmp_path)


def test_label_studio_needs_a_size():
    with pytest.raises(AnnotationError, match='street one: .* the size of its frames.*--size'):
        read('label-studio', DATA / 'label_studio_export.json')


def test_coco_with_tracks_is_a_video():
    [video], _ = read('coco', DATA / 'coco_from_cvat.json')
    assert (video.name, video.frame_names) == ('street', ['frame_000000', 'frame_000001'])
    assert video.frame_files[0] == 'street/frame_000000.png'
    assert [(o.id, o.category, o.frames) for o in video.objects] == [(3, 'car', [0, 1]), (7, 'person', [1])]
    assert video.objects[0].occluded == {1} and video.objects[0].boxes[1] == (11, 8, 31.5, 20)
    assert not video.objects[0].masks and shape(video.objects[1].masks[1]) == (40, 10, 50, 30, 200)


def test_coco_without_tracks_is_still_images(tmp_path):
    content = json.loads((DATA / 'coco_from_cvat.json').read_text())
    for entry in content['annotations']:
        del entry['attributes']
    content['annotations'][0] |= dict(iscrowd=1, segmentation=[[0, 0, 8, 0, 8, 8, 0, 8]])
    (tmp_path / 'a.json').write_text(json.dumps(content))
    first, second = read('coco', tmp_path / 'a.json')[0]
    assert (first.name, first.frame_names) == ('street/frame_000000', ['frame_000000'])
    assert not first.objects and shape(first.void[0]) == (0, 0, 8, 8, 64)
    assert [(o.id, o.category) for o in second.objects] == [(1, 'car'), (2, 'person')]
    content['annotations'][1]['track_id'] = 3
    (tmp_path / 'a.json').write_text(json.dumps(content))
    with pytest.raises(AnnotationError, match='1 of 2 objects have a track_id'):
        read('coco', tmp_path / 'a.json')


def test_mots(tmp_path):
    [video], _ = read('mots', DATA / '0002.txt')
    assert (video.name, video.size, video.frame_names) == ('0002', SIZE, ['000000', '000001'])
    assert [(o.id, o.category, o.frames) for o in video.objects] == [
        (1, 'pedestrian', [0]),
        (3, 'car', [0, 1]),
    ]
    assert shape(video.objects[1].masks[1]) == (11, 8, 31, 20, 240)
    assert list(video.void) == [1] and shape(video.void[1]) == (0, 40, 64, 48, 512)
    # MOTSChallenge counts from 1
    lines = (f'{int(line[0]) + 1}{line[1:]}' for line in (DATA / '0002.txt').read_text().splitlines())
    (tmp_path / 'a.txt').write_text('\n'.join(lines))
    [video], _ = read('mots', tmp_path / 'a.txt')
    assert video.frame_names == ['000001', '000002'] and video.objects[1].frames == [0, 1]


def test_ultralytics_labels():
    [video], _ = read('yolo', DATA / 'yolo', size=SIZE)
    assert (video.name, video.frame_names) == ('street', ['frame_1', 'frame_2', 'frame_10'])
    assert video.annotated == [0, 1, 2]
    assert [(o.id, o.category, o.frames) for o in video.objects] == [(3, 'car', [0, 1]), (7, 'person', [1])]
    assert video.objects[0].boxes[0] == (10, 6, 30, 18)
    assert shape(video.objects[1].masks[1]) == (40, 12, 48, 24, 96)


@pytest.mark.parametrize(
    ('line', 'says'),
    [
        ('0 .1 .1 .1', 'expected a class'),
        ('0 .1 .1 .1 .1 .93', 'track id'),
        ('x .1 .1 .1 .1', 'expected a class'),
        ('0 nan .1 .1 .1', 'expected a class'),
        ('0 .1 .2 .3 .4 1\n0 .1 .2 .3 .4', 'in all, or in none'),
        ('0 .1 .2 .3 .4 1\n0 .1 .2 .3 .4 1', 'track 1 is listed twice'),
    ],
)
def test_damaged_labels_are_named(tmp_path, line, says):
    (tmp_path / 'a').mkdir()
    (tmp_path / 'a' / '1.txt').write_text(line)
    with pytest.raises(AnnotationError, match=says):
        read('yolo', tmp_path, size=SIZE)


def test_labels_without_tracks_are_still_images(tmp_path):
    (tmp_path / '1.txt').write_text('0 .5 .5 .5 .5\n2 .5 .5 1 1\n')
    (tmp_path / 'classes.txt').write_text('cat\ndog\n')
    [video], _ = read('yolo', tmp_path, size=(10, 20))
    assert (video.name, [o.category for o in video.objects]) == ('1', ['cat', 'class 2'])
    assert video.objects[0].boxes[0] == (5, 2.5, 15, 7.5)


def test_tao():
    [video], _ = read('tao', DATA / 'tao.json')
    assert video.name == 'train/YFCC100M/v_1' and video.frame_names == ['frame0031', 'frame0061']
    assert [(o.id, o.category, o.frames) for o in video.objects] == [(1, 'car', [1]), (2, 'person', [0, 1])]
    assert video.objects[1].boxes == {0: (10, 8, 30, 20), 1: (11, 8, 31, 20)}


def test_rotated_boxes_and_codes_of_vot(tmp_path):
    (tmp_path / 'ball').mkdir()
    lines = '10,8,20,12\n20,5,30,10,20,15,10,10\nnan,nan,nan,nan\n0\n'
    (tmp_path / 'ball' / 'groundtruth.txt').write_text(lines)
    [video], dropped = read('vot', tmp_path)
    assert video.objects[0].boxes == {0: (10, 8, 30, 20), 1: (10, 5, 30, 15)} and sum(dropped.values()) == 1
    assert video.annotated == [0, 1, 2, 3] and video.frame_names[0] == '00000001'


def test_class_names_that_are_not_text_are_reported_once(tmp_path):
    (tmp_path / 'a.txt').write_text('0 0.5 0.5 0.1 0.1\n')
    (tmp_path / 'data.yaml').write_bytes(b'names:\n  0: \xff\n')
    with pytest.raises(AnnotationError, match=f'^{tmp_path}/data.yaml: expected text, found other data'):
        read('yolo', tmp_path, size=SIZE)
