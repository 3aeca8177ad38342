"""Files of MMTracking, against videos whose boxes are known."""

import json
from pathlib import Path

import numpy as np
import pytest
from small_data import make_frames, make_masks, rle, write_frames

from vosplug.errors import AnnotationError
from vosplug.formats.mmtracking import parse_cocovid, read_cocovid
from vosplug.formats.mmtracking_lists import is_info_list, read_sot_infos
from vosplug.formats.schema import RLE
from vosplug.pseudo_labels import read_box_videos
from vosplug.structures import boxes_of_mask

HEADER = 'The format of each line in this txt is (video_path,annotation_path,start_frame_id,end_frame_id)'
MASKS = make_masks(4)
BOXES = np.array([boxes_of_mask(mask)[3] for mask in MASKS])


def cocovid(videos: dict[str, np.ndarray], masks: bool = False) -> dict:
    """Images and annotations in reverse order: nothing but their ids says what belongs where."""
    content = dict(videos=[], images=[], annotations=[], categories=[dict(id=4, name='bear')])
    for k, (name, video) in enumerate(videos.items(), 1):
        content['videos'].append(dict(id=k, name=name))
        for t, mask in enumerate(video):
            image = dict(id=100 * k + t, video_id=k, frame_id=t, file_name=f'{name}/{t:05d}.jpg')
            content['images'].append({**image, 'height': 48, 'width': 64})
            for i, (x1, y1, x2, y2) in boxes_of_mask(mask).items():
                entry = dict(image_id=100 * k + t, video_id=k, instance_id=10 * k + i, category_id=4)
                entry['bbox'] = [float(v) for v in (x1, y1, x2 - x1, y2 - y1)]
                if masks:
                    entry['segmentation'] = rle(mask == i)
                content['annotations'].append(dict(id=len(content['annotations']), **entry))
    content['images'].reverse()
    content['annotations'].reverse()
    return content


def stored(mask: np.ndarray) -> RLE:
    return RLE(mask.shape, rle(mask)['counts'])


def write_sot(root: Path, layout: str, boxes: np.ndarray, flags: dict[str, str] | None = None) -> Path:
    """A dataset of one video and its list, as MMTracking's converters leave them."""
    folder, annotation, first = {
        'got10k': ('train/GOT-10k_Train_000001', 'train/GOT-10k_Train_000001/groundtruth.txt', 1),
        'lasot': ('bear/bear-1/img', 'bear/bear-1/groundtruth.txt', 1),
        'trackingnet': ('TRAIN_0/frames/abc', 'TRAIN_0/anno/abc.txt', 0),
    }[layout]
    (root / annotation).parent.mkdir(parents=True)
    xywh = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)
    (root / annotation).write_text('\n'.join(','.join(f'{v:.4f}' for v in box) for box in xywh) + '\n')
    for name, content in (flags or {}).items():
        (root / annotation).with_name(name).write_text(content)
    (root / 'infos.txt').write_text(f'{HEADER}\n{folder},{annotation},{first},{first + len(MASKS) - 1}')
    return root / 'infos.txt'


def test_cocovid_gives_frames_in_order_and_the_boxes_of_every_object(tmp_path):
    videos = {'cats/one': MASKS, 'bear': make_masks(3, (2,))}
    (tmp_path / 'a.json').write_text(json.dumps(cocovid(videos, masks=True)))
    cats, bear = read_cocovid(tmp_path / 'a.json')
    assert (cats.name, bear.name, cats.size) == ('cats/one', 'bear', (48, 64))
    assert cats.frame_files == tuple(f'cats/one/{t:05d}.jpg' for t in range(4))
    assert [o.source_id for o in cats.objects] == ['13', '17'] and cats.objects[0].category == 'bear'
    assert np.array_equal(cats.objects[0].boxes, BOXES) and cats.objects[0].boxes.dtype == np.float32
    assert np.array_equal(cats.objects[0].frames, range(4)) and np.array_equal(cats.annotated, range(4))
    assert cats.objects[1].segmentations[2] == stored(MASKS[2] == 7)
    assert bear.objects[0].segmentations[0] == stored(make_masks(3, (2,))[0] == 2)


def test_frames_without_the_object_and_regions_of_cocovid_are_no_boxes():
    content = cocovid({'bear': MASKS})
    first, second = (
        e for e in content['annotations'] if e['instance_id'] == 13 and e['image_id'] in (101, 102)
    )
    first['iscrowd'], second['ignore'] = 1, True
    content['videos'].append(dict(id=9, name='empty'))
    (video,) = parse_cocovid(content, 'a.json')
    assert video.objects[0].frames.tolist() == [0, 3]
    assert np.array_equal(video.objects[0].boxes, BOXES[[0, 3]])
    assert len(video.annotated) == 4


@pytest.mark.parametrize(
    ('entry', 'key'), [('images', 'frame_id'), ('images', 'video_id'), ('annotations', 'instance_id')]
)
def test_another_layout_is_no_cocovid(entry, key):
    content = cocovid({'bear': MASKS})
    del content[entry][0][key]
    with pytest.raises(AnnotationError, match=rf'a\.json: {entry}\[0\] lacks "{key}"; the layout is CocoVID'):
        parse_cocovid(content, 'a.json')
    with pytest.raises(AnnotationError, match='expected object, found array; the layout is CocoVID'):
        parse_cocovid([], 'a.json')


@pytest.mark.parametrize('file', ['/data/bear/00002.jpg', 'bear/../../00002.jpg'])
def test_images_elsewhere_are_refused(file):
    content = cocovid({'bear': MASKS})
    content['images'][1]['file_name'] = file
    message = rf'a\.json, images\[1\]: expected a relative path without "\.\.", found \'{file}'
    with pytest.raises(AnnotationError, match=message):
        parse_cocovid(content, 'a.json')


@pytest.mark.parametrize(
    ('layout', 'name', 'files'),
    [
        ('got10k', 'train/GOT-10k_Train_000001', ('00000001.jpg', '00000004.jpg')),
        ('lasot', 'bear/bear-1/img', ('00000001.jpg', '00000004.jpg')),
        ('trackingnet', 'TRAIN_0/frames/abc', ('0.jpg', '3.jpg')),
    ],
)
def test_lists_give_the_frame_files_and_boxes_of_each_benchmark(tmp_path, layout, name, files):
    (video,) = read_sot_infos(write_sot(tmp_path, layout, BOXES), tmp_path)
    assert video.name == name and len(video.frame_files) == 4
    assert (video.frame_files[0], video.frame_files[-1]) == tuple(f'{name}/{file}' for file in files)
    assert np.allclose(video.objects[0].boxes, BOXES)
    assert video.annotated.tolist() == video.objects[0].frames.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ('layout', 'flags', 'seen'),
    [
        ('got10k', {'absence.label': '0\n1\n0\n0\n', 'cover.label': '8\n5\n0\n1\n'}, [0, 3]),
        ('lasot', {'full_occlusion.txt': '0,0,1,0', 'out_of_view.txt': '0,1,0,0'}, [0, 3]),
        ('trackingnet', {}, [0, 1, 2, 3]),
    ],
)
def test_flags_of_a_list_say_where_the_object_is_visible(tmp_path, layout, flags, seen):
    (video,) = read_sot_infos(write_sot(tmp_path, layout, BOXES, flags), tmp_path)
    (tracked,) = video.objects
    assert np.flatnonzero(tracked.visible).tolist() == seen
    assert np.array_equal(tracked.frames, range(4)) and np.allclose(tracked.boxes, BOXES)
    assert len(video.annotated) == 4


def test_a_box_without_size_is_an_absent_object(tmp_path):
    boxes = BOXES.copy()
    boxes[1] = 0
    (video,) = read_sot_infos(write_sot(tmp_path, 'lasot', boxes), tmp_path)
    assert video.objects[0].frames.tolist() == [0, 2, 3]


def test_of_a_test_set_only_the_first_frame_is_annotated(tmp_path):
    (video,) = read_sot_infos(write_sot(tmp_path, 'got10k', BOXES[:1]), tmp_path)
    assert len(video.frame_files) == 4
    assert video.annotated.tolist() == video.objects[0].frames.tolist() == [0]


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (HEADER, 'no videos'),
        (f'{HEADER}\na,b', 'line 2: expected video_path'),
        (f'{HEADER}\n/x,x/groundtruth.txt,1,4', "line 2: expected a relative path without .*, found '/x'"),
        (f'{HEADER}\nx,a/../../groundtruth.txt,1,4', 'line 2: expected a relative path without .*a/../../g'),
        (
            f'{HEADER}\nx,x/groundtruth.txt,1,999999999999',
            'line 2: lists 999,999,999,999 frames, more than the limit of 1,000,000',
        ),
        (f'{HEADER}\nx,gone.txt,1,4', 'gone.txt: annotation file not found'),
        (f'{HEADER}\ntrain/x,train/GOT-10k_Train_000001/groundtruth.txt,1,9', '4 boxes, but .* 9 frames'),
        (f'{HEADER}\ntrain/x,infos.txt,1,4', 'infos.txt, line 1: expected 4 numbers'),
    ],
)
def test_a_damaged_list_is_named(tmp_path, content, message):
    path = write_sot(tmp_path, 'got10k', BOXES)
    path.write_text(content)
    with pytest.raises(AnnotationError, match=message):
        read_sot_infos(path, tmp_path)


def test_polygons_of_vot_become_boxes(tmp_path):
    path = write_sot(tmp_path, 'lasot', BOXES)
    corners = [','.join(f'{v:g}' for v in (x1, y1, x2, y1, x2, y2, x1, y2)) for x1, y1, x2, y2 in BOXES]
    (tmp_path / 'bear' / 'bear-1' / 'groundtruth.txt').write_text('\n'.join(corners))
    (video,) = read_sot_infos(path, tmp_path)
    content = cocovid({'bear': MASKS})
    for entry in content['annotations']:
        x, y, width, height = entry['bbox']
        entry['bbox'] = [x, y, x + width, y, x + width, y + height, x, y + height]
    for found in (video, parse_cocovid(content, 'a.json')[0]):
        assert np.array_equal(found.objects[0].boxes, BOXES)


@pytest.mark.parametrize(
    ('flag', 'value'), [('full_occlusion', True), ('out_of_view', True), ('absence', True), ('cover', 0)]
)
def test_hidden_objects_of_cocovid_are_not_visible(flag, value):
    content = cocovid({'bear': MASKS})
    for entry in content['annotations']:
        if entry['image_id'] == 102:
            entry[flag] = value
    (video,) = parse_cocovid(content, 'a.json')
    for tracked in video.objects:
        assert tracked.frames[tracked.visible].tolist() == [0, 1, 3] and len(tracked.boxes) == 4


def test_lists_of_videos_are_told_from_image_sets(tmp_path):
    path = write_sot(tmp_path, 'got10k', BOXES)
    assert is_info_list(path)
    for text, expected in (('GOT-10k_Train_000001\nb\n', False), ('a\n', False), ('header\na,b,1,4\n', True)):
        path.write_text(text)
        assert is_info_list(path) == expected


def test_too_few_flags_are_named(tmp_path):
    path = write_sot(tmp_path, 'got10k', BOXES, {'cover.label': '8\n8\n'})
    with pytest.raises(AnnotationError, match=r'cover\.label: 2 flags for 4 boxes'):
        read_sot_infos(path, tmp_path)


def test_pseudo_labels_take_cocovid(tmp_path):
    write_frames(tmp_path / 'cats' / 'one', make_frames(MASKS))
    (tmp_path / 'a.json').write_text(json.dumps(cocovid({'cats/one': MASKS})))
    (video,) = read_box_videos(tmp_path / 'a.json', tmp_path)
    assert (video.name, video.frames) == ('cats/one', [f'{t:05d}' for t in range(4)])
    assert list(video.tracks) == [1, 2] and video.tracks[1].source_id == '13'
    assert all(np.array_equal(video.tracks[1].boxes[f'{t:05d}'], [BOXES[t]]) for t in range(4))
    assert len(video.open()) == 4


def test_pseudo_labels_take_a_list_and_label_what_it_annotates(tmp_path):
    path = write_sot(tmp_path, 'got10k', BOXES[:1])
    frames = tmp_path / 'train' / 'GOT-10k_Train_000001'
    write_frames(tmp_path / 'frames', make_frames(MASKS))
    for t, file in enumerate(sorted((tmp_path / 'frames').iterdir()), 1):
        file.rename(frames / f'{t:08d}.jpg')
    (video,) = read_box_videos(path, tmp_path)
    assert video.frames == ['00000001'] and video.num_boxes == 1
    assert len(video.open()) == 1
