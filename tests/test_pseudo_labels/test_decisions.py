"""What people decided stays: later runs read it from the folder of the labels."""

import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_data import SIZE
from small_factory import box_factory, tree, write_four_videos

from vosplug.errors import AnnotationError
from vosplug.formats import read_id_mask, write_id_mask
from vosplug.pseudo_labels import (
    Decision,
    DecisionStore,
    ManualMasks,
    Rules,
    StaleRevisionError,
    VideoDecisions,
    mask_decision,
)

BAD = ('bear', 3, '00001')


@pytest.fixture
def root(tmp_path):
    write_four_videos(tmp_path)
    mask = np.zeros(SIZE, np.uint8)
    mask[5:9, 7:30], mask[20:22, 7:30] = 7, 255
    write_id_mask(tmp_path / 'fixes' / 'bear' / '00000.png', mask)
    return tmp_path


def files(folder):
    """All files but the locks, whose names tell runs apart."""
    return {name: data for name, data in tree(folder).items() if not name.startswith('work/locks/')}


def run(root, out='out', **options):
    """Make all labels of filled boxes; the manifest's rows by video, object and frame."""
    factory, videos = box_factory(root, out, **options)
    # a filled box learns nothing from a mask
    factory.maker.labeller._fine_tuned = lambda *args: factory.maker.labeller.model
    factory.make_all(videos)
    rows = factory.finalize(videos)
    return {(row[0], int(row[1]), row[3]): row for row in rows}


def statuses(rows):
    """Status and reason of what is not as the model left it."""
    return {key: (row[6], row[7]) for key, row in rows.items() if row[6] != 'ok' or row[5] != 'auto'}


def mask_of(root, t):
    return read_id_mask(root / 'out' / 'Annotations' / 'bear' / f'{t:05d}.png', binary=False)


def test_a_mask_that_was_rejected_once_does_not_come_back(root):
    first = run(root, rules=Rules(listed=frozenset([BAD])))
    assert statuses(first) == {BAD: ('ignored', 'listed')}
    before = files(root / 'out')
    assert run(root) == first and files(root / 'out') == before


def test_manual_masks_that_were_given_once_stay(root):
    for name, status in (('manual', 'ok'), ('corrections', 'fixed')):
        masks = {name: ManualMasks(root / 'fixes', 'all')}
        first = run(root, name, **masks)
        assert statuses(first) == {('bear', 7, '00000'): (status, '')}
        before = files(root / name)
        assert run(root, name) == first and files(root / name) == before
    assert (read_id_mask(root / 'manual/Annotations/bear/00000.png', binary=False) == 255).any()


def test_a_run_adds_to_what_stands_there(root):
    run(root, rules=Rules(listed=frozenset([BAD])))
    other = ('cats/one', 3, '00002')
    run(root, rules=Rules(listed=frozenset([other])))
    rows = run(root, corrections=ManualMasks(root / 'fixes', 'all'))
    assert statuses(rows).keys() == {BAD, other, ('bear', 7, '00000')}
    both = Rules(listed=frozenset([BAD, other]))
    run(root, 'fresh', rules=both, corrections=ManualMasks(root / 'fixes', 'all'))
    for name in ('Annotations', 'work/masks'):
        assert tree(root / 'out' / name) == tree(root / 'fresh' / name)
    for name in ('manifest.csv', 'instances.json'):
        assert (root / 'out' / name).read_bytes() == (root / 'fresh' / name).read_bytes()


def test_labels_of_before_decisions_were_kept_get_them(root):
    run(root, rules=Rules(listed=frozenset([BAD])))
    path = root / 'out/decisions/bear/decisions.json'
    kept = path.read_bytes()
    path.unlink()
    run(root, rules=Rules(listed=frozenset([BAD])))
    assert path.read_bytes() == kept


def test_what_was_given_before_does_not_undo_a_later_decision(root):
    given = dict(rules=Rules(listed=frozenset([BAD])), corrections=ManualMasks(root / 'fixes', 'all'))
    run(root, **given)
    factory, _ = box_factory(root)
    store = factory.maker.decisions
    now = store.read('bear')
    store.write('bear', now.changed([(3, '00001', None), (7, '00000', Decision('bad'))]))
    rows = run(root, **given)
    assert statuses(rows) == {('bear', 7, '00000'): ('ignored', 'listed')}
    mask = np.zeros(SIZE, np.uint8)
    mask[1:3, 1:3] = 7
    write_id_mask(root / 'fixes' / 'bear' / '00000.png', mask)  # another mask is a new decision
    assert statuses(run(root, **given)) == {('bear', 7, '00000'): ('fixed', '')}


def test_a_list_of_bad_masks_leaves_masks_drawn_since_alone(root):
    factory, _ = box_factory(root)
    drawn = mask_decision(np.eye(*SIZE, dtype=np.uint8), 'fixed', by='brush')
    factory.maker.decisions.write('bear', VideoDecisions().changed([(3, '00001', drawn)], SIZE))
    rows = run(root, rules=Rules(listed=frozenset([BAD])))
    assert statuses(rows) == {BAD: ('fixed', '')}
    assert np.array_equal(mask_of(root, 1) == 3, np.eye(*SIZE, dtype=bool))


def test_drawn_masks_change_their_frames_only(root):
    run(root)
    before = tree(root / 'out' / 'Annotations')
    factory, _ = box_factory(root)
    drawn = mask_decision(np.eye(*SIZE, dtype=np.uint8), 'fixed', by='brush')
    factory.maker.decisions.write('bear', VideoDecisions().changed([(3, '00001', drawn)], SIZE))
    factory, videos = box_factory(root)
    factory.make_all(videos)
    assert factory.maker.labeller.asked == []  # no model runs
    after = tree(root / 'out' / 'Annotations')
    assert {name for name in after if after[name] != before[name]} == {'bear/00001.png'}


def test_an_object_that_is_not_visible_has_no_mask_and_no_void(root):
    factory, _ = box_factory(root)
    nothing = mask_decision(np.zeros(SIZE, np.uint8), 'fixed', by='nobody')
    factory.maker.decisions.write('bear', VideoDecisions().changed([(3, '00001', nothing)], SIZE))
    assert statuses(run(root)) == {BAD: ('fixed', '')}
    assert set(np.unique(mask_of(root, 1))) == {0, 7}
    tracks = json.loads((root / 'out' / 'instances.json').read_text())['annotations']
    assert tracks[0]['segmentations'][1] is None and tracks[0]['bboxes'][1] is None


def test_somebody_elses_changes_are_not_overwritten(tmp_path):
    store, other = DecisionStore(tmp_path), DecisionStore(tmp_path)
    seen = store.read('bear')
    other.write('bear', other.read('bear').changed([(3, '00001', Decision('bad'))]))
    with pytest.raises(StaleRevisionError, match='somebody else changed'):
        store.write('bear', seen.changed([(7, '00001', Decision('bad'))]))
    assert store.read('bear').bad('bear') == {BAD}
    store.write('bear', store.read('bear').changed([(7, '00001', Decision('bad'))]))
    assert store.read('bear').revision == 2 and len(store.read('bear').bad('bear')) == 2


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('{', 'not valid JSON'),
        ('{"objects": {"3": {"00001": {"kind": "worse"}}}}', 'kind'),
        ('{"objects": {"3": {"00001": {"kind": "fixed"}}}}', 'needs a mask'),
        (
            '{"size": [2, 2], "objects": {"3": {"00001": {"kind": "fixed", "rle": "05"}}}}',
            '00001: expected run',
        ),
        ('{"objects": {"3": {"99999": {"kind": "bad"}}}}', 'frame 99999; the boxes have'),
        ('{"objects": {"9": {"00001": {"kind": "bad"}}}}', 'object 9 in frame 00001'),
        (
            '{"size": [2, 2], "objects": {"3": {"00001": {"kind": "fixed", "rle": "4"}}}}',
            r'masks of \(H, W\) \(2, 2\), the video is \(48, 64\)',
        ),
    ],
)
def test_damaged_decisions_stop_the_run_and_are_not_ignored(root, content, message):
    path = root / 'out/decisions/bear/decisions.json'
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(AnnotationError, match=message) as error:
        run(root)
    assert str(path) in str(error.value) and path.read_text() == content


KINDS = st.sampled_from([None, Decision('bad'), mask_decision(np.eye(4, dtype=np.uint8), 'fixed', by='box')])


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from('ab'), KINDS), max_size=8))
def test_the_last_decision_about_a_mask_stands(tmp_path_factory, changes):
    store = DecisionStore(tmp_path_factory.mktemp('store'))
    for change in changes:
        store.write('bear', store.read('bear').changed([change], (4, 4)))
    last = {(i, frame): decision for i, frame, decision in changes}
    read = pickle.loads(pickle.dumps(store)).read('bear')
    assert {(i, frame): d for i, frame, d in read} == {k: d for k, d in last.items() if d is not None}
    assert read.revision == len(changes)
