"""Boxes from three kinds of files."""

import json
from pathlib import Path

import numpy as np
import pytest
from small_box2seg import write_boxed_videos, write_video_file
from small_data import make_frames, make_masks, write_ytvis, ytvis_content

from vosplug.errors import AnnotationError
from vosplug.pseudo_labels import BoxVideo, read_box_videos, why_unusable
from vosplug.structures import boxes_of_mask

VIDEOS = {'bear': make_masks(4), 'cats/one': make_masks(3, (2,))}


def content(video: BoxVideo) -> list[dict[str, list[list[float]]]]:
    return [{f: [b.tolist() for b in bs] for f, bs in t.boxes.items()} for t in video.tracks.values()]


def as_tao(videos: dict[str, np.ndarray], step: int = 10) -> dict:
    """The same boxes as TAO stores them; track ids are large and not in order."""
    tao = dict(videos=[], images=[], annotations=[], categories=[dict(id=4, name='bear')])
    for k, (name, masks) in enumerate(videos.items(), 1):
        tao['videos'].append(dict(id=k, name=name, height=48, width=64))
        for t, mask in enumerate(masks):
            image = 100 * k + t
            file = f'{name}/{t:05d}.jpg'
            tao['images'].append(dict(id=image, video_id=k, frame_index=t * step, file_name=file))
            for i, (x1, y1, x2, y2) in boxes_of_mask(mask).items():
                box = [float(v) for v in (x1, y1, x2 - x1, y2 - y1)]
                tao['annotations'].append(
                    dict(id=len(tao['annotations']), image_id=image, video_id=k, track_id=1000 * k + i,
                         category_id=4, bbox=box)
                )  # fmt: skip
    return tao


def test_the_three_formats_say_the_same(tmp_path):
    write_boxed_videos(tmp_path, VIDEOS)
    (tmp_path / 'ytvis.json').write_text(json.dumps(ytvis_content(VIDEOS)))
    (tmp_path / 'tao.json').write_text(json.dumps(as_tao(VIDEOS)))
    table, ytvis, tao = (
        read_box_videos(tmp_path / name, tmp_path / 'videos')
        for name in ('boxes.csv', 'ytvis.json', 'tao.json')
    )
    for a, b, c in zip(table, ytvis, tao, strict=True):
        assert a.name == b.name == c.name and a.frames == b.frames == c.frames
        assert a.files == b.files == c.files
        assert content(a) == content(b) == content(c)
        assert all(v.open().size == (48, 64) and len(v.open()) == len(v.frames) for v in (a, b, c))
    assert list(table[0].tracks) == [3, 7] and list(tao[0].tracks) == [1, 2]
    assert [t.source_id for t in tao[0].tracks.values()] == ['1003', '1007']
    assert tao[0].tracks[1].category == 'bear' and ytvis[0].tracks[1].category == 'ellipse'


def test_an_id_twice_in_a_frame_is_seen_in_every_format(tmp_path):
    write_boxed_videos(tmp_path, VIDEOS)
    csv = tmp_path / 'boxes.csv'
    csv.write_text(csv.read_text() + 'bear,00001,3,0,0,5,5\n')
    ytvis, tao = ytvis_content(VIDEOS), as_tao(VIDEOS)
    ytvis['annotations'].append({**ytvis['annotations'][0], 'bboxes': [None, [0, 0, 5, 5], None, None]})
    tao['annotations'].append({**tao['annotations'][0], 'image_id': 101, 'bbox': [0, 0, 5, 5]})
    (tmp_path / 'ytvis.json').write_text(json.dumps(ytvis))
    (tmp_path / 'tao.json').write_text(json.dumps(tao))
    for name in ('boxes.csv', 'ytvis.json', 'tao.json'):
        track = next(iter(read_box_videos(tmp_path / name, tmp_path / 'videos')[0].tracks.values()))
        assert [len(track.boxes[f'{t:05d}']) for t in range(4)] == [1, 2, 1, 1], name
        assert why_unusable(track.boxes['00001'], (48, 64)) == 'object twice in the frame'


def test_frames_of_a_video_file_may_be_numbers(tmp_path):
    (tmp_path / 'videos').mkdir()
    write_video_file(tmp_path / 'videos' / 'clip.avi', make_frames(make_masks(3)))
    rows = ['video,frame,object,x1,y1,x2,y2', 'clip,1,1,2,3,20,30', 'clip,00002,1,2,3,20,30']
    rows += ['clip,01,2,4,5,30,20', 'clip,last,2,4,5,30,20']
    (tmp_path / 'boxes.csv').write_text('\n'.join(rows))
    [video] = read_box_videos(tmp_path / 'boxes.csv', tmp_path / 'videos')
    assert video.frames == ['00001', '00002', 'last']
    assert [*video.tracks[1].boxes] == ['00001', '00002'] and [*video.tracks[2].boxes] == ['00001', 'last']


def test_a_table_may_name_video_files_and_frames_that_are_not_there(tmp_path):
    (tmp_path / 'videos').mkdir()
    write_video_file(tmp_path / 'videos' / 'clip.avi', make_frames(make_masks(3)))
    path = tmp_path / 'boxes.csv'
    path.write_text(
        'video,frame,object,x1,y1,x2,y2,category\nclip,00001.jpg,3,1,2,30,40,bear\nclip,00010,3,1,2,3,4,\n'
    )
    (video,) = read_box_videos(path, tmp_path / 'videos')
    assert video.frames == ['00001', '00010'] and len(video.open()) == 3
    assert video.tracks[3].category == 'bear'


@pytest.mark.parametrize(
    ('box', 'reason'),
    [
        ([1, 2, 30, 40], None),
        ([-10, -10, 5, 5], None),
        ([float('nan'), 2, 30, 40], 'box not finite'),
        ([1, 2, float('inf'), 40], 'box not finite'),
        ([5, 2, 5, 40], 'box without area'),
        ([9, 2, 5, 40], 'box without area'),
        ([64, 2, 70, 40], 'box outside the image'),
        ([1, -9, 30, 0], 'box outside the image'),
    ],
)
def test_boxes_that_cannot_be_used(box, reason):
    assert why_unusable([np.float32(box)], (48, 64)) == reason


def changed(change: str) -> tuple[str, str]:
    """A damaged file's name and text."""
    tao, ytvis = as_tao(VIDEOS), ytvis_content(VIDEOS)
    head = 'video,frame,object,x1,y1,x2,y2\n'
    if change == 'tao_bbox':
        tao['annotations'][0]['bbox'] = [1, 2, None, 4]
    elif change == 'tao_track':
        del tao['annotations'][0]['track_id']
    elif change == 'ytvis_no_boxes':
        del ytvis['annotations'][0]['bboxes']
    elif change == 'ytvis_frame_twice':
        ytvis['videos'][0]['file_names'][1] = ytvis['videos'][0]['file_names'][0]
    elif change == 'ytvis_video_twice':
        ytvis['videos'][1]['file_names'] = ytvis['videos'][0]['file_names'][:3]
    elif change == 'ytvis_no_folder':
        ytvis['videos'][0]['file_names'] = [f'{t}.jpg' for t in range(4)]
    elif change == 'ytvis_outside':
        ytvis['videos'][0]['file_names'] = [f'../bear/{t}.jpg' for t in range(4)]
    return {
        'columns': ('b.csv', 'video,frame,object,x,y,w,h\nbear,00000,3,1,2,3,4\n'),
        'number': ('b.csv', f'{head}bear,00000,3,1,2,three,4\n'),
        'short': ('b.csv', f'{head}bear,00000,3,1,2\n'),
        'id': ('b.csv', f'{head}bear,00000,255,1,2,3,4\n'),
        'video': ('b.csv', f'{head}wolf,00000,3,1,2,3,4\n'),
        'empty': ('b.csv', head),
    }.get(change, ('b.json', json.dumps(tao if change.startswith('tao') else ytvis)))


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        ('columns', r"b\.csv: lacks the columns \['x1'"),
        ('number', r'b\.csv, line 2.*four numbers'),
        ('short', r'b\.csv, line 2: expected 7 values, found 5'),
        ('id', r'line 2: object 255'),
        ('video', "video 'wolf' is not in"),
        ('empty', 'no boxes'),
        ('tao_bbox', r'annotations\[0\]\.bbox\[2\]: expected float, found null'),
        ('tao_track', r'annotations\[0\] lacks "track_id"; the layout is that of TAO'),
        ('ytvis_no_boxes', 'has no "bboxes"'),
        ('ytvis_video_twice', "video 'bear' is listed twice"),
        ('ytvis_no_folder', r"directly in the folder of videos \('\.'\)"),
        ('ytvis_outside', r"video 1: expected a relative path .*'\.\./bear/0.jpg'"),
        ('ytvis_frame_twice', "video 1, frame '00000' is listed twice"),
    ],
)
def test_files_that_are_wrong_are_named(tmp_path, change, message):
    write_ytvis(tmp_path, VIDEOS)
    name, text = changed(change)
    (tmp_path / name).write_text(text)
    with pytest.raises(AnnotationError, match=message):
        read_box_videos(tmp_path / name, tmp_path / 'JPEGImages')


def test_a_missing_file_is_named(tmp_path):
    for name in ('no.csv', 'no.json'):
        with pytest.raises(AnnotationError, match=name):
            read_box_videos(Path(tmp_path) / name, tmp_path)
