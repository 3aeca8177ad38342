"""Conversions say what they lose, refuse what would be wrong, and write all or nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
from small_data import make_frames, make_masks, write_frames

from vosplug.errors import AnnotationError, ConfigError, OutputError, VideoError, VOSError
from vosplug.formats import write_id_mask
from vosplug.formats.exchange import FORMATS, Context, convert

DATA = Path(__file__).parents[1] / 'data' / 'annotations'


def read(name: str, path: Path):
    return FORMATS[name].read(path, Context())


@pytest.fixture
def masks(tmp_path) -> Path:
    """Masks with void of the first three frames of two videos."""
    for name, ids in (('cat', (3, 7)), ('dogs/one', (1,))):
        frames = make_masks(3, ids)
        write_frames(tmp_path / 'frames' / name, make_frames(np.concatenate([frames, frames])))
        for t, mask in enumerate(frames):
            mask[:2] = 255
            write_id_mask(tmp_path / 'masks' / name / f'{t:05d}.png', mask)
    return tmp_path


def test_the_summary_says_what_is_lost(masks):
    summary = convert(masks / 'masks', masks / 'out.csv', videos=masks / 'frames')
    assert (summary.source, summary.target) == ('davis', 'csv')
    counts = (summary.videos, summary.objects, summary.frames, summary.boxes, summary.masks)
    assert counts == (2, 3, 6, 0, 9)
    assert summary.dropped == {
        'masks (their boxes are kept)': 9,
        'void masks (their pixels become background)': 6,
    }


def test_videos_tell_all_frames(masks):
    convert(masks / 'masks', masks / 'out', target_format='cvat', videos=masks / 'frames')
    found = [(v.name, len(v.frame_names)) for v in read('cvat', masks / 'out')]
    assert found == [('cat', 6), ('dogs/one', 6)]


def test_boxes_do_not_become_masks(masks):
    convert(masks / 'masks', masks / 'out.csv')
    with pytest.raises(AnnotationError, match='davis holds masks, the source has boxes only.*vosplug label'):
        convert(masks / 'out.csv', masks / 'again', target_format='davis')
    assert not (masks / 'again').exists()


def test_a_box_without_a_mask_is_void_beside_masks(tmp_path):
    summary = convert(DATA / 'coco_from_cvat.json', tmp_path / 'out', target_format='davis')
    [video] = read('davis', tmp_path / 'out')
    assert [(o.id, o.frames) for o in video.objects] == [(7, [1])] and sorted(video.void) == [0, 1]
    assert summary.dropped['boxes without a mask (their inside becomes void)'] == 2


def test_large_ids_are_numbered_and_said(masks):
    convert(masks / 'masks', masks / 'a.json', target_format='coco')
    text = (masks / 'a.json').read_text().replace('"track_id":7', '"track_id":700')
    (masks / 'a.json').write_text(text)
    summary = convert(masks / 'a.json', masks / 'out', target_format='davis')
    assert summary.dropped == {'object ids above 254, whose videos are numbered 1..N': 1}


def test_too_many_objects_are_refused(tmp_path):
    content = dict(
        images=[dict(id=1, file_name='a.jpg', height=9, width=9)],
        annotations=[
            dict(id=k, image_id=1, bbox=[1, 1, 2, 2], segmentation=[[1, 1, 3, 1, 3, 3, 1, 3]])
            for k in range(255)
        ],
    )
    (tmp_path / 'a.json').write_text(json.dumps(content))
    with pytest.raises(AnnotationError, match='a: has 255 objects; an id mask holds at most 254'):
        convert(tmp_path / 'a.json', tmp_path / 'out', target_format='davis')


def test_one_object_formats_refuse_more(masks):
    with pytest.raises(AnnotationError, match='cat: has 2 objects; this format has one'):
        convert(masks / 'masks', masks / 'out', target_format='got10k')
    assert [p.name for p in masks.iterdir() if 'out' in p.name] == []


def test_frames_that_are_not_annotated_are_not_without_the_object(masks):
    with pytest.raises(AnnotationError, match='3 of its 6 frames are annotated'):
        convert(masks / 'masks' / 'dogs', masks / 'out', 'davis', 'vot', videos=masks / 'frames' / 'dogs')


def test_boxes_without_area_are_dropped_and_said(tmp_path):
    rows = 'a,0,1,1,1,4,4\na,1,1,5,5,5,9\na,2,1,nan,1,4,4\na,3,2,9,9,1,1\n'
    (tmp_path / 'a.csv').write_text(f'video,frame,object,x1,y1,x2,y2\n{rows}')
    summary = convert(tmp_path / 'a.csv', tmp_path / 'b.json', target_format='ytvis', size=(9, 9))
    assert (summary.objects, summary.boxes) == (1, 1)
    assert summary.dropped == {'boxes without an area': 3, 'objects without a box or mask': 1}


def test_folders_of_png_are_recognised(masks):
    convert(masks / 'masks', masks / 'out', target_format='davis')
    (masks / 'out' / 'Annotations' / 'cat').rename(masks / 'cat')
    for k, folder in enumerate((masks / 'cat', masks / 'out')):  # one video, and only dogs/one
        assert convert(folder, masks / f'{k}.csv').source == 'davis'


@pytest.mark.parametrize('middle', ['csv', 'yolo', 'coco', 'tao'])
def test_changes_of_category_are_said(tmp_path, middle):
    rows = ['video,frame,object,x1,y1,x2,y2,category', 'v,1,4,2,2,6,6,cat', 'v,2,4,2,2,6,6,dog']
    first, path = tmp_path / 'a.csv', tmp_path / f'b{FORMATS[middle].suffix or ""}'
    first.write_text('\n'.join([rows[0], rows[1], rows[2].replace(',4,', ',5,')]))
    convert(first, path, target_format=middle, size=(10, 10))
    # two objects, which become one in the file
    if middle == 'yolo':
        file = path / 'v' / '2.txt'
        file.write_text(file.read_text().replace(' 5\n', ' 4\n'))
    elif middle == 'csv':
        path.write_text('\n'.join(rows))
    else:
        content = json.loads(path.read_text())
        for entry in content['annotations']:
            entry['track_id'] = 1
        path.write_text(json.dumps(content))
    summary = convert(path, tmp_path / 'out.csv', middle, size=(10, 10))
    assert summary.dropped == {"changes of an object's category (the first is kept)": 1}
    assert [line.split(',')[-1] for line in (tmp_path / 'out.csv').read_text().split()[1:]] == ['cat', 'cat']


@pytest.mark.parametrize('name', ['nothing', 'nothing.json', 'no\0thing'])
def test_a_missing_source_is_named(tmp_path, name):
    with pytest.raises(AnnotationError, match='no.*thing.*: no such file or folder of annotations'):
        convert(tmp_path / name, tmp_path / 'boxes.csv')


def test_targets_are_not_overwritten(masks):
    with pytest.raises(OutputError, match='is also the source'):
        convert(masks / 'masks', masks / 'masks', target_format='davis')
    with pytest.raises(OutputError, match='files in it'):
        convert(masks / 'masks', masks / 'frames', target_format='yolo')
    with pytest.raises(ConfigError, match=r'ends in \.json'):
        convert(masks / 'masks', masks / 'out', target_format='ytvis')
    with pytest.raises(ConfigError, match='give one of cvat'):
        convert(masks / 'masks', masks / 'out')
    with pytest.raises(ConfigError, match='unknown, expected one of'):
        convert(masks / 'masks', masks / 'out', target_format='mpeg')
    with pytest.raises(ConfigError, match='can only be read'):
        convert(masks / 'masks', masks / 'out.json', target_format='cocovid')


def test_a_video_that_is_elsewhere_or_another_is_named(masks):
    with pytest.raises(VideoError, match=r"video cat is not in .*, expected cat there, found \['one'\]"):
        convert(masks / 'masks', masks / 'out.csv', videos=masks / 'frames' / 'dogs')
    write_id_mask(masks / 'small' / 'cat' / '00000.png', np.ones((10, 10), np.uint8))
    with pytest.raises(AnnotationError, match='cat is 10x10, .*cat is 64x48'):
        convert(masks / 'small', masks / 'out.csv', videos=masks / 'frames')
    write_id_mask(masks / 'late' / 'cat' / '00009.png', np.ones((48, 64), np.uint8))
    with pytest.raises(AnnotationError, match="frame '00009' of video cat is not below"):
        convert(masks / 'late', masks / 'out.csv', videos=masks / 'frames')


@pytest.mark.parametrize('name', ['../x', '/x', 'a/../../x', 'C:/x', 'a\0', 'x' * 300])
@pytest.mark.parametrize('target', ['davis', 'yolo', 'mots', 'cvat', 'csv'])
def test_nothing_is_written_outside(tmp_path, name, target):
    content = dict(
        videos=[dict(id=1, file_names=[f'{name}/0.jpg'], height=9, width=9)],
        annotations=[dict(id=1, video_id=1, segmentations=[[[1, 1, 3, 1, 3, 3, 1, 3]]])],
    )
    folder = tmp_path / 'in'
    folder.mkdir()
    (folder / 'a.json').write_text(json.dumps(content))
    with pytest.raises(VOSError):
        convert(folder / 'a.json', folder / f'out{FORMATS[target].suffix or ""}', target_format=target)
    assert sorted(p.name for p in tmp_path.rglob('*')) == ['a.json', 'in']


def test_a_file_of_cvat_is_one_video(masks):
    with pytest.raises(AnnotationError, match='one video per file, and there are 2. Write to a folder'):
        convert(masks / 'masks', masks / 'out.xml')
    convert(masks / 'masks' / 'cat', masks / 'out.xml', 'davis')
    assert [v.name for v in read('cvat', masks / 'out.xml')] == ['cat']


def test_characters_that_xml_cannot_hold_are_named(tmp_path):
    text = (DATA / 'tao.json').read_text().replace('"car"', '"c\\u0007r"')
    (tmp_path / 'a.json').write_text(text)
    with pytest.raises(AnnotationError, match=r"v_1: XML cannot hold the characters of 'c\\x07r'"):
        convert(tmp_path / 'a.json', tmp_path / 'out.xml')


def test_more_categories_than_mots_has_numbers(tmp_path):
    names = [dict(id=k, name=f'thing {k}') for k in range(1100)]
    mask = [[1, 1, 3, 1, 3, 3, 1, 3]]
    content = dict(
        videos=[dict(id=k, file_names=[f'{k}/0.jpg'], height=9, width=9) for k in range(1100)],
        annotations=[dict(id=k, video_id=k, category_id=k, segmentations=[mask]) for k in range(1100)],
        categories=names,
    )
    (tmp_path / 'a.json').write_text(json.dumps(content))
    summary = convert(tmp_path / 'a.json', tmp_path / 'out', target_format='mots')
    assert summary.dropped == {'names of categories other than car and pedestrian': 1100}
    kinds = {video.objects[0].category for video in read('mots', tmp_path / 'out')}
    assert len(kinds) == 1100 and 'class 10' not in kinds
