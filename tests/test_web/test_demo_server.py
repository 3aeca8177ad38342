"""Clips on the demo page: taken if they are videos of a fair size, followed as they play, gone afterwards."""

import json
import time

import numpy as np
import pytest

pytest.importorskip('starlette')
from small_box2seg import write_video_file
from small_data import make_frames, make_masks
from small_review import ShiftTracker, client_of

from vosplug.web import demo_app

BOX = dict(object=2, frame=1, box=[5, 5, 15, 12])


@pytest.fixture
def data(tmp_path):
    path = tmp_path / 'clip.avi'
    write_video_file(path, make_frames(make_masks(5)))
    return path.read_bytes()


@pytest.fixture
def client():
    tracker = ShiftTracker()
    with client_of(demo_app(tracker, 'shift')) as client:
        client.tracker = tracker
        yield client


def folder_of(client):
    """Folder of the clips."""
    (route,) = [r for r in client.app.routes if getattr(r, 'path', '') == '/api/clips']
    return route.endpoint.__self__.clips.folder


def upload(client, data):
    return client.post('/api/clips', content=data)


def results(client, clip, **headers):
    """All events of a tracking: (kind, number, content)."""
    text = client.get(f'/api/clips/{clip}/results', headers=headers).text
    found = []
    for block in text.strip().split('\n\n'):
        parts = dict(line.split(': ', 1) for line in block.splitlines())
        found.append((parts['event'], parts.get('id'), json.loads(parts['data'])))
    return found


def test_a_clip_is_taken_and_followed_from_its_first_box(client, data):
    clip = upload(client, data).json()
    assert (clip['width'], clip['height'], clip['frames'], clip['fps']) == (64, 48, 5, 10)
    image = client.get(f'/api/clips/{clip["id"]}/frames/4.jpg')
    assert image.content.startswith(b'\xff\xd8')
    assert client.post(f'/api/clips/{clip["id"]}/track', json=dict(prompts=[BOX])).status_code == 202
    found = results(client, clip['id'])
    assert [kind for kind, _, _ in found] == ['frame'] * 4 + ['end'] and found[-1][2]['state'] == 'done'
    assert [content['t'] for _, _, content in found[:-1]] == [1, 2, 3, 4]
    runs = np.array(found[1][2]['runs']).reshape(-1, 2)
    mask = np.repeat(runs[:, 0], runs[:, 1]).reshape(48, 64)
    assert (mask[5:12, 8:18] == 2).all() and (mask == 2).sum() == 70


def test_a_page_that_lost_its_connection_goes_on_where_it_was(client, data):
    clip = upload(client, data).json()['id']
    client.post(f'/api/clips/{clip}/track', json=dict(prompts=[BOX]))
    all_of_them = results(client, clip)
    rest = results(client, clip, **{'last-event-id': '2'})
    assert rest == all_of_them[2:] and [number for _, number, _ in rest] == ['3', '4', None]


def test_frames_come_while_others_are_computed_and_it_can_be_stopped(client, data):
    client.tracker.pause = 0.15
    clip = upload(client, data).json()['id']
    client.post(f'/api/clips/{clip}/track', json=dict(prompts=[{**BOX, 'frame': 0}]))
    time.sleep(0.4)
    assert client.post(f'/api/clips/{clip}/stop').status_code == 200
    found = results(client, clip)
    assert found[-1][2]['state'] == 'cancelled' and 2 <= len(found) < 6


def test_following_again_replaces_what_was_found(client, data):
    clip = upload(client, data).json()['id']
    for frame, count in ((0, 5), (3, 2)):
        client.post(f'/api/clips/{clip}/track', json=dict(prompts=[{**BOX, 'frame': frame}]))
        assert len(results(client, clip)) == count + 1


def test_clips_have_names_of_their_own_and_go_with_the_server(data):
    with client_of(demo_app(ShiftTracker())) as client:
        upload(client, data)
        folder = folder_of(client)
        (path,) = folder.iterdir()
        assert path.suffix == '.avi' and len(path.stem) == 24
        assert folder.stat().st_mode & 0o077 == 0  # nobody else may look
    assert not folder.exists()


def test_the_oldest_clips_make_way(client, data):
    ids = [upload(client, data).json()['id'] for _ in range(9)]
    assert len(set(ids)) == 9 and len(list(folder_of(client).iterdir())) == 8
    assert client.get(f'/api/clips/{ids[0]}/frames/0.jpg').status_code == 404
    assert client.get(f'/api/clips/{ids[1]}/frames/0.jpg').status_code == 200


@pytest.mark.parametrize(
    'wrong',
    [
        b'',
        b'#EXTM3U\n/etc/passwd\n' * 10,
        b'\x89PNG\r\n\x1a\n' + bytes(100),
        b'<?xml version="1.0"?><MPD/>' * 9,
        b'\0\0\0\x18ftypmp42' + bytes(500),
        b'RIFF\0\0\0\0AVI LIST' + bytes(500),
        b'\x1a\x45\xdf\xa3' + bytes(500),
    ],
)
def test_what_is_no_video_is_refused_and_removed(client, wrong):
    answer = upload(client, wrong)
    assert answer.status_code == 422 and str(folder_of(client)) not in answer.text
    assert list(folder_of(client).iterdir()) == []


@pytest.mark.parametrize('announced', [True, False])
def test_a_large_upload_is_stopped_and_removed(client, data, monkeypatch, announced):
    monkeypatch.setenv('VOSPLUG_MAX_UPLOAD', '1000')
    content = data if announced else iter([data[:600], data[600:]])
    assert client.post('/api/clips', content=content).status_code == 413
    assert list(folder_of(client).iterdir()) == []


def test_a_clip_of_too_many_pixels_is_refused(client, data, monkeypatch):
    monkeypatch.setenv('VOSPLUG_MAX_PIXELS', '3000')
    answer = upload(client, data)
    assert answer.status_code == 422 and 'VOSPLUG_MAX_PIXELS' in answer.text


@pytest.mark.parametrize(
    ('prompts', 'status'),
    [
        ([], 400),
        ([{**BOX, 'frame': 5}], 404),
        ([{**BOX, 'box': [5, 5, 5, 9]}], 422),
        ([{**BOX, 'object': 255}], 400),
        ([{**BOX, 'object': k + 1} for k in range(21)], 400),
    ],
)
def test_wrong_prompts_are_refused(client, data, prompts, status):
    clip = upload(client, data).json()['id']
    assert client.post(f'/api/clips/{clip}/track', json=dict(prompts=prompts)).status_code == status


def test_a_generated_clip_needs_no_file(client):
    clip = client.post('/api/example').json()
    assert clip['frames'] == 60 and list(folder_of(client).iterdir()) == []
    assert client.get('/api/clips/unknown/frames/0.jpg').status_code == 404
