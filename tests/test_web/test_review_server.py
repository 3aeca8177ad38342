"""Decisions on the review page: saved at once, kept by the factory, never lost and never mixed up."""

import argparse
import csv
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

pytest.importorskip('starlette')
from small_box2seg import write_boxed_videos, write_video_file
from small_data import make_frames, make_masks
from small_factory import box_factory, tree, write_four_videos
from small_review import ShiftTracker, client_of, make_labels, small_review_app, wait_for_jobs

from vosplug.errors import ConfigError, OutputError
from vosplug.formats import read_id_mask
from vosplug.models import FilledBoxInitializer
from vosplug.pseudo_labels import DecisionStore, Rules, manifest_numbers
from vosplug.web import review_app
from vosplug.web.jobs import Cancelled
from vosplug.web.review_set import ReviewSet

H, W = 48, 64
BEAR = '/api/videos/0'


@pytest.fixture
def root(tmp_path):
    return make_labels(tmp_path)


@pytest.fixture
def client(root):
    with client_of(small_review_app(root)) as client:
        yield client


def decide(client, *changes, revision=None, video=BEAR):
    if revision is None:
        revision = client.get(video).json()['revision']
    return client.post(f'{video}/decisions', json=dict(revision=revision, changes=list(changes)))


def bad(frame, object_id=3):
    return dict(object=object_id, frame=frame, kind='bad')


def drawn(frame, mask, object_id=3, by='brush'):
    flat = np.asarray(mask, bool).T.ravel()
    edges = np.flatnonzero(np.concatenate([[flat[0]], flat[1:] != flat[:-1]]))
    counts = np.diff(np.concatenate([[0], edges, [len(flat)]])).tolist()
    return dict(object=object_id, frame=frame, kind='fixed', by=by, counts=counts)


def box_mask(x1, y1, x2, y2):
    mask = np.zeros((H, W), bool)
    mask[y1:y2, x1:x2] = True
    return mask


def shown(client, frame, video=BEAR):
    """Id mask and labels of a frame, as the page gets them."""
    got = client.get(f'{video}/frames/{frame}/labels').json()
    runs = np.array(got['runs']).reshape(-1, 2)
    return np.repeat(runs[:, 0], runs[:, 1]).reshape(H, W), got['labels']


def written(root, frame, video='bear'):
    return read_id_mask(root / 'out' / 'Annotations' / video / f'{frame:05d}.png', binary=False)


def rows(root):
    found = csv.DictReader((root / 'out' / 'manifest.csv').open())
    return {(r['video'], int(r['object']), r['frame']): (r['status'], r['source']) for r in found}


def rerun(root):
    """A later run of the factory; files before and after."""
    before = tree(root / 'out')
    factory, videos = box_factory(root)
    made = factory.make_all(videos)
    factory.finalize(videos)
    return made, before, tree(root / 'out')


def test_the_list_shows_the_worst_videos_first_and_is_searched(client):
    found = client.get('/api/videos').json()
    assert found['count'] == 4 and {v['name'] for v in found['videos']} == {
        'bear', 'cats/one', 'cats/two', 'wolf'
    }  # fmt: skip
    by_name = client.get('/api/videos?sort=name&q=CATS').json()['videos']
    assert [(v['name'], v['frames'], v['objects']) for v in by_name] == [
        ('cats/one', 3, 2),
        ('cats/two', 4, 2),
    ]


def test_a_video_has_its_frames_objects_and_scores(client):
    video = client.get(BEAR).json()
    assert (video['width'], video['height'], video['frames']) == (W, H, ['00000', '00001'])
    assert [o['id'] for o in video['objects']] == [3, 7] and video['revision'] == 0
    assert video['objects'][0]['states'] == [[1.0, '', '', 1]] * 2
    image = client.get(f'{BEAR}/frames/1.jpg')
    assert image.headers['content-type'] == 'image/jpeg' and image.content.startswith(b'\xff\xd8')


def test_shown_labels_are_the_written_ones(client, root):
    mask, labels = shown(client, 1)
    assert np.array_equal(mask, written(root, 1))
    assert labels['3']['status'] == 'ok' and len(labels['3']['boxes'][0]) == 4


def test_a_rejected_mask_is_void_at_once_and_in_all_files_soon(client, root):
    assert decide(client, bad(1)).json()['revision'] == 1
    mask, labels = shown(client, 1)
    assert (mask == 255).any() and labels['3']['status'] == 'ignored'
    wait_for_jobs(client, saved=True)
    assert np.array_equal(written(root, 1), mask)
    assert rows(root)['bear', 3, '00001'] == ('ignored', 'auto')
    assert client.get('/api/videos?q=bear').json()['videos'][0]['bad'] == 1


def test_a_drawn_mask_stays_verbatim_and_later_runs_change_no_byte(client, root):
    mask = box_mask(5, 30, 20, 45)
    assert decide(client, drawn(1, mask), bad(0, 7)).status_code == 200
    assert np.array_equal(shown(client, 1)[0] == 3, mask)
    wait_for_jobs(client, saved=True)
    assert np.array_equal(written(root, 1) == 3, mask)
    assert rows(root)['bear', 3, '00001'] == ('fixed', 'manual')
    made, before, after = rerun(root)
    assert made == 0 and before == after


def test_only_the_frames_of_a_decision_change(client, root):
    before = tree(root / 'out' / 'Annotations')
    decide(client, drawn(1, box_mask(1, 1, 5, 5)))
    wait_for_jobs(client, saved=True)
    after = tree(root / 'out' / 'Annotations')
    assert {name for name in after if after[name] != before[name]} == {'bear/00001.png'}


def test_taking_a_decision_back_restores_every_byte(client, root):
    before = tree(root / 'out' / 'Annotations'), (root / 'out' / 'manifest.csv').read_bytes()
    undo = decide(client, drawn(1, box_mask(1, 1, 5, 5)), bad(0)).json()['before']
    assert undo == [dict(object=3, frame=1), dict(object=3, frame=0)]
    redo = decide(client, *undo).json()['before']
    wait_for_jobs(client, saved=True)
    assert (tree(root / 'out' / 'Annotations'), (root / 'out' / 'manifest.csv').read_bytes()) == before
    decide(client, *redo)  # what a reply had can be sent again
    assert np.array_equal(shown(client, 1)[0] == 3, box_mask(1, 1, 5, 5))


def test_an_absent_object_is_no_void(client):
    decide(client, drawn(1, np.zeros((H, W)), by='nobody'))
    mask, labels = shown(client, 1)
    assert set(np.unique(mask)) == {0, 7} and labels['3']['status'] == 'fixed'


def test_a_second_tab_with_an_old_revision_is_told_so_and_loses_nothing(client):
    assert decide(client, bad(1), revision=0).status_code == 200
    refused = decide(client, bad(0), revision=0)
    assert refused.status_code == 409 and 'another tab' in refused.json()['error']
    states = client.get(BEAR).json()['objects'][0]['states']
    assert [state[1] for state in states] == ['', 'bad']
    assert decide(client, bad(0)).json()['revision'] == 2


def test_a_job_of_the_page_is_no_other_tab_unless_it_decided_about_the_same_mask(client):
    client.post(f'{BEAR}/box', json=dict(object=3, frame=1, box=[2, 3, 20, 30]))
    wait_for_jobs(client)
    assert client.get(BEAR).json()['revision'] == 1
    assert decide(client, bad(1), revision=0).status_code == 409, 'the mask of the box was not seen'
    assert decide(client, bad(0), revision=0).json()['revision'] == 2
    assert decide(client, bad(0, 7), revision=0).status_code == 409, 'the last one was no job'
    assert decide(client, bad(0, 7), revision=9).status_code == 409


def test_of_many_tabs_at_once_each_is_saved_or_told(root):
    with client_of(small_review_app(root)) as client:
        answers = []

        def click(frame, object_id):
            answers.append((decide(client, bad(frame, object_id), revision=0).status_code, frame, object_id))

        threads = [threading.Thread(target=click, args=(k % 2, (3, 7)[k // 2])) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        saved = {(i, f'{t:05d}') for status, t, i in answers if status == 200}
        assert len(saved) == 1 and sorted({a[0] for a in answers}) == [200, 409]
        found = DecisionStore(root / 'out').read('bear')
        assert {(i, frame) for i, frame, _ in found} == saved


def test_while_a_run_works_in_the_folder_nothing_is_saved(client, root):
    factory, _ = box_factory(root)
    with factory.editing('somebody'):
        assert 'somebody' in client.get('/api/state').json()['locked']
        refused = decide(client, bad(1))
        assert refused.status_code == 423 and 'in use by process' in refused.json()['error']
    assert client.get('/api/state').json()['locked'] is None
    assert decide(client, bad(1)).status_code == 200


def test_two_servers_of_one_folder_do_not_overwrite_each_other(root):
    with client_of(small_review_app(root)) as one, client_of(small_review_app(root)) as two:
        assert decide(one, bad(1), revision=0).status_code == 200
        wait_for_jobs(one, saved=True)
        assert decide(two, bad(0), revision=0).status_code == 409
        assert decide(two, bad(0), revision=1).status_code == 200
        wait_for_jobs(two, saved=True)
    assert DecisionStore(root / 'out').read('bear').revision == 2
    assert rerun(root)[0] == 0


def test_what_a_killed_server_had_not_finished_is_finished_by_the_next(root):
    app = small_review_app(root)
    client = client_of(app)  # without its context no worker runs, as if it had been killed
    assert decide(client, bad(1)).status_code == 200
    assert not (written(root, 1) == 255).any()
    with client_of(small_review_app(root)) as client:
        wait_for_jobs(client, saved=True)
    assert (written(root, 1) == 255).any() and rows(root)['bear', 3, '00001'][0] == 'ignored'


def test_stopping_the_server_writes_everything_first(root):
    with client_of(small_review_app(root)) as client:
        decide(client, bad(1))
    with client_of(small_review_app(root)) as client:
        wait_for_jobs(client, saved=True)
    assert rows(root)['bear', 3, '00001'][0] == 'ignored'


def test_what_a_stopped_server_had_no_time_for_is_done_by_the_next(root, monkeypatch):
    with monkeypatch.context() as stopping:
        stopping.setattr(ReviewSet, 'make_labels', raise_cancelled)
        with client_of(small_review_app(root)) as client:
            decide(client, bad(1))
            assert wait_for_jobs(client)[-1]['state'] == 'cancelled'
    with client_of(small_review_app(root)) as client:
        assert not client.get('/api/state').json()['saved']
        wait_for_jobs(client, saved=True)
    assert (written(root, 1) == 255).any() and rows(root)['bear', 3, '00001'][0] == 'ignored'


def raise_cancelled(*_: object) -> None:
    raise Cancelled


def test_a_box_becomes_a_mask_in_its_frame(client, root):
    asked = client.post(f'{BEAR}/box', json=dict(object=3, frame=1, box=[2, 3, 20, 30]))
    assert asked.status_code == 202
    jobs = wait_for_jobs(client)
    assert jobs[0]['state'] == 'done' and jobs[0]['message'] == '1 mask'
    assert np.array_equal(shown(client, 1)[0] == 3, box_mask(2, 3, 20, 30))
    assert client.get(BEAR).json()['objects'][0]['states'][1][1:3] == ['fixed', 'box']
    outside = client.post(f'{BEAR}/box', json=dict(object=3, frame=1, box=[200, 3, 220, 30]))
    assert outside.status_code == 422 and 'no area inside' in outside.json()['error']


def test_a_mask_is_carried_both_ways_up_to_the_next_drawn_one(root):
    tracker, wolf = ShiftTracker(), '/api/videos/3'
    with client_of(small_review_app(root, tracker)) as client:
        start = box_mask(10, 30, 20, 40)
        decide(client, drawn(2, start), drawn(4, box_mask(0, 0, 3, 3)), video=wolf)
        before = shown(client, 1, wolf)[0] == 7
        client.post(f'{wolf}/propagate', json=dict(object=3, frame=2, forward=9, backward=1))
        jobs = wait_for_jobs(client, saved=True)
        assert [job['message'] for job in jobs if 'propagating' in job['title']] == ['2 masks']
        assert tracker.seen == [['00002', '00003'], ['00002', '00001']]
        for t in (1, 3):
            assert np.array_equal(shown(client, t, wolf)[0] == 3, np.roll(start, 3, 1))
        assert np.array_equal(shown(client, 4, wolf)[0] == 3, box_mask(0, 0, 3, 3))
        assert np.array_equal(before & ~np.roll(start, 3, 1), shown(client, 1, wolf)[0] == 7)
        kinds = [state[2] for state in client.get(wolf).json()['objects'][0]['states']]
        assert kinds == ['', 'tracker', 'brush', 'tracker', 'brush']
    made, files, after = rerun(root)
    assert made == 0 and files == after


def test_what_was_decided_while_the_tracker_ran_stands(root):
    tracker, wolf = ShiftTracker(), '/api/videos/3'
    tracker.pause = 0.2
    with client_of(small_review_app(root, tracker)) as client:
        client.post(f'{wolf}/propagate', json=dict(object=3, frame=0, forward=9))
        decide(client, bad(3), video=wolf)
        jobs = wait_for_jobs(client)
        assert '3 masks; 1 frame decided in the meantime, left as before' in [job['message'] for job in jobs]
        kinds = [state[1] for state in client.get(wolf).json()['objects'][0]['states']]
        assert kinds == ['', 'fixed', 'fixed', 'bad', 'fixed']


def test_a_cancelled_job_changes_nothing(root):
    tracker, wolf = ShiftTracker(), '/api/videos/3'
    tracker.pause = 0.2
    with client_of(small_review_app(root, tracker)) as client:
        number = client.post(f'{wolf}/propagate', json=dict(object=3, frame=0, forward=9)).json()['id']
        assert client.post(f'/api/jobs/{number}/cancel').status_code == 200
        assert [job['state'] for job in wait_for_jobs(client)] == ['cancelled']
        assert client.post(f'/api/jobs/{number}/cancel').status_code == 404
        assert client.get(wolf).json()['revision'] == 0


def test_an_object_is_learnt_from_its_drawn_masks_only(client, root):
    refused = client.post(f'{BEAR}/learn', json=dict(object=3))
    assert refused.status_code == 422 and 'no drawn mask' in refused.json()['error']
    decide(client, drawn(1, box_mask(5, 5, 9, 9)), drawn(0, box_mask(1, 1, 2, 2), by='tracker'))
    client.post(f'{BEAR}/learn', json=dict(object=3))
    jobs = wait_for_jobs(client, saved=True)
    assert 'learnt from 1 mask' in [job['message'] for job in jobs], jobs
    found = DecisionStore(root / 'out').read('bear')
    assert [(i, frame, d.tune) for i, frame, d in found] == [(3, '00001', True)]


@pytest.mark.parametrize(
    ('path', 'body', 'status'),
    [
        ('decisions', dict(revision=0, changes=[bad(99)]), 404),
        ('decisions', dict(revision=0, changes=[bad(1, 9)]), 422),
        ('decisions', dict(revision=0, changes=[bad(1, 300)]), 400),
        ('decisions', dict(revision=0, changes=[dict(object=3, frame=1, kind='fixed')]), 422),
        ('decisions', dict(revision=0, changes=[dict(object=3, frame=1, kind='fixed', counts=[5, 5])]), 422),
        ('decisions', dict(revision=0, changes=[dict(object=3, frame=1, kind='fixed', rle='05')]), 422),
        ('decisions', dict(revision=0, changes=[dict(object=3, frame=1, kind='worse')]), 400),
        ('decisions', dict(changes=[]), 400),
        ('box', dict(object=9, frame=1, box=[1, 1, 5, 5]), 404),
        ('box', dict(object=3, frame=1, box=[1, 1, 5]), 400),
        ('propagate', dict(object=3, frame=7, forward=1), 404),
    ],
)
def test_wrong_requests_are_refused_and_nothing_is_written(client, root, path, body, status):
    answer = client.post(f'{BEAR}/{path}', json=body)
    assert answer.status_code == status and answer.json()['error']
    assert not (root / 'out' / 'decisions').exists()


def test_paths_are_never_taken_from_a_request(client):
    for path in (
        '/api/videos/99',
        '/api/videos/..%2f..',
        '/static/..%2f..%2fversion.py',
        '/static/../server.py',
    ):
        assert client.get(path).status_code == 404
    assert client.get('/api/videos/-1').status_code == 404


def test_a_full_disk_is_said(client, root, monkeypatch):
    def fail(*args):
        raise OutputError('out: cannot be written (No space left on device).')

    monkeypatch.setattr(DecisionStore, 'write', fail)
    answer = decide(client, bad(1))
    assert answer.status_code == 507 and 'No space left' in answer.json()['error']


def test_a_job_waits_for_a_run_that_works_in_the_folder(root):
    tracker = ShiftTracker()
    tracker.pause = 0.1
    factory, _ = box_factory(root)
    with client_of(small_review_app(root, tracker)) as client:
        client.post(f'{BEAR}/propagate', json=dict(object=3, frame=0, forward=1))
        with factory.editing('somebody'):
            end = time.monotonic() + 30
            while 'waits: ' not in client.get('/api/state').json()['jobs'][0]['message']:
                assert time.monotonic() < end
                time.sleep(0.05)
        assert [job['state'] for job in wait_for_jobs(client)] == ['done', 'done']
        assert client.get(BEAR).json()['objects'][0]['states'][1][2] == 'tracker'


def test_the_list_follows_runs_of_the_factory(client, root):
    assert client.get('/api/videos?q=bear').json()['videos'][0]['bad'] == 0
    factory, videos = box_factory(root, rules=Rules(listed=frozenset([('bear', 3, '00001')])))
    factory.make_all(videos)
    factory.finalize(videos)
    assert client.get('/api/videos?q=bear').json()['videos'][0]['bad'] == 1
    assert client.get(BEAR).json()['revision'] == 1


def test_a_manifest_of_partitions_follows_too(tmp_path):
    pytest.importorskip('pyarrow')
    root = write_four_videos(tmp_path)
    factory, videos = box_factory(root, manifest='parquet', chunk=2)
    factory.make_all(videos)
    factory.finalize(videos)
    app = review_app(factory, videos, FilledBoxInitializer(), ShiftTracker())
    with client_of(app) as client:
        assert client.get('/api/videos?sort=name').json()['videos'][0]['worst'] == 1
        decide(client, bad(1))
        wait_for_jobs(client, saved=True)
    assert manifest_numbers(root / 'out')['auto', 'ignored'] == 1


def test_frames_of_a_video_file_are_read_by_several_threads(tmp_path):
    masks = make_masks(4)
    write_boxed_videos(tmp_path, {'bear': masks})
    shutil.rmtree(tmp_path / 'videos' / 'bear')
    write_video_file(tmp_path / 'videos' / 'bear.avi', make_frames(masks))
    factory, videos = box_factory(tmp_path)
    factory.make_all(videos)
    factory.finalize(videos)
    with client_of(small_review_app(tmp_path)) as client:
        client.post(f'{BEAR}/propagate', json=dict(object=3, frame=1, forward=5, backward=5))
        frames = [3, 0, 2, 1] * 3
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda t: client.get(f'{BEAR}/frames/{t}.jpg').content, frames))
        assert len({(t, answer) for t, answer in zip(frames, answers, strict=True)}) == 4
        assert wait_for_jobs(client)[0]['message'] == '3 masks'


def test_a_missing_frame_is_said(client, root):
    (root / 'videos' / 'bear' / '00001.jpg').unlink()
    answer = client_of(small_review_app(root)).get(f'{BEAR}/frames/1.jpg')
    assert answer.status_code == 422 and 'frame 00001 is missing' in answer.json()['error']


def test_the_command_builds_what_the_recipe_says(root, monkeypatch):
    """The whole way from the command line to the application, with the shipped models."""
    from vosplug import web
    from vosplug.cli import review
    from vosplug.pseudo_labels import Recipe

    (root / 'box.py').write_text("model = dict(type='FilledBoxInitializer')\n")
    recipe = Recipe(
        config=str(root / 'box.py'),
        videos=str(root / 'videos'),
        boxes=str(root / 'boxes.csv'),
        overlap='last',
    )
    recipe.make_factory(root / 'made').make_all(recipe.read_videos())
    served = []
    monkeypatch.setattr(web, 'serve', lambda app, *address: served.append((app(None), address)))
    parser = argparse.ArgumentParser()
    review.add_arguments(parser)
    review.run(parser.parse_args([str(root / 'made'), '--port', '0']))
    ((app, address),) = served
    assert address == ('127.0.0.1', 0, None)
    with client_of(app) as client:
        state = client.get('/api/state').json()
        assert state['videos'] == 4 and state['models']['Tracker'] == 'xmem-tiny-box'
        client.post(f'{BEAR}/box', json=dict(object=3, frame=1, box=[2, 3, 40, 40]))
        client.post(f'{BEAR}/propagate', json=dict(object=7, frame=1, backward=1))
        assert {job['state'] for job in wait_for_jobs(client)} <= {'done', 'failed'}
    (root / 'made' / 'work' / 'recipe.json').unlink()
    with pytest.raises(ConfigError, match='give --config, --videos and --boxes'):
        review.run(parser.parse_args([str(root / 'made')]))


def test_what_cannot_be_written_is_said_and_does_not_end_the_worker(client, root, monkeypatch):
    def fail(*args):
        raise OutputError('out: cannot be written (No space left on device).')

    def end(*args):
        raise RuntimeError('a defect')

    for failing, told in ((fail, 'No space left'), (end, '')):
        monkeypatch.setattr('vosplug.pseudo_labels.LabelFactory.update_whole', failing)
        decide(client, bad(1), bad(0, 7) if told else bad(1, 7))
        wait_for_jobs(client)
        time.sleep(2)
        assert told in client.get('/api/state').json()['problem']
    monkeypatch.undo()
    decide(client, bad(0))
    wait_for_jobs(client, saved=True)
    assert client.get('/api/state').json()['problem'] == ''
    assert sum(status == 'ignored' for status, _ in rows(root).values()) == 4


def test_a_model_that_learns_nothing_leaves_everything_as_it_was(root):
    factory, videos = box_factory(root)  # filled boxes have no network
    app = review_app(factory, videos, FilledBoxInitializer(), ShiftTracker())
    with client_of(app) as client:
        decide(client, drawn(1, box_mask(5, 5, 9, 9)), drawn(0, box_mask(1, 1, 2, 2), by='tracker'))
        client.post(f'{BEAR}/learn', json=dict(object=3))
        jobs = wait_for_jobs(client, saved=True)
        assert [job['message'] for job in jobs if job['state'] == 'failed'] == [
            'there are manual masks, but the config has no fine_tune settings.'
        ]
    found = DecisionStore(root / 'out').read('bear')
    assert sorted((frame, d.by, d.tune) for _, frame, d in found) == [
        ('00000', 'tracker', False), ('00001', 'brush', False),
    ]  # fmt: skip
    assert rerun(root)[0] == 0
