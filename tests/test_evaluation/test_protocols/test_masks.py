"""What every protocol of id masks does with ids, sizes and missing objects."""

import json

import numpy as np
import pytest
from protocol_data import comparable, score_both, score_folders, score_metric, stripes

from vosplug.errors import AnnotationError, ConfigError
from vosplug.evaluation import PROTOCOLS, build_protocol
from vosplug.evaluation.protocols import MaskProtocol

BY_SHOWN = (
    'long_video', 'pseudo_label', 'segtrack_v2', 'tao_vos', 'vos_benchmark', 'youtube_objects', 'ytvos2018',
    'ytvos2019',
)  # fmt: skip
BY_GIVEN = ('davis2016', 'davis2017', 'davis2017_unsupervised')
FREE_IDS = tuple(name for name in BY_SHOWN + BY_GIVEN if name not in ('davis2016', 'davis2017_unsupervised'))
SHOWN = stripes({3: (4, 8), 200: (12, 16)})
GUESS = stripes({3: (4, 7), 200: (12, 14)})
CATEGORIES = {3: 'cat', 200: 'ant'}


def with_meta(name, tmp_path):
    """The protocol's config with the categories that folders lack."""
    if not name.startswith('ytvos'):
        return name
    path = tmp_path / 'meta.json'
    objects = {str(i): {'category': c} for i, c in CATEGORIES.items()}
    path.write_text(json.dumps({'videos': {'clip': {'objects': objects}}}))
    return dict(type=name, meta=str(path))


def test_every_protocol_of_masks_is_tested_here():
    found = {name: build_protocol(name) for name in PROTOCOLS}
    ours = {name: p for name, p in found.items() if type(p).__module__.startswith('vosplug.')}
    names = {name for name, protocol in ours.items() if isinstance(protocol, MaskProtocol)}
    assert names == {*BY_SHOWN, *BY_GIVEN}


def test_a_protocol_name_is_taken_once():
    with pytest.raises(ConfigError, match="protocol 'davis2017': already registered"):
        PROTOCOLS.register_module(name='davis2017')


@pytest.mark.parametrize('name', FREE_IDS)
def test_ids_need_not_be_dense(tmp_path, name):
    scores = score_both(tmp_path, with_meta(name, tmp_path), {'clip': ([SHOWN] * 4, [GUESS] * 4)})
    assert [*scores.per_object['clip']] == [*scores.per_frame['clip']] == [3, 200]
    assert {i: s['J-Mean'] for i, s in scores.per_object['clip'].items()} == {3: 0.75, 200: 0.5}
    assert [*scores.report()['per_object']['clip']] == ['3', '200']


@pytest.mark.parametrize('name', FREE_IDS)
def test_predicted_ids_that_are_no_objects_are_background(tmp_path, name):
    extra = stripes({3: (4, 7), 200: (12, 14), 4: (14, 16), 201: (20, 38)})
    config = with_meta(name, tmp_path)
    scores = score_both(tmp_path / 'extra', config, {'clip': ([SHOWN] * 4, [extra] * 4)})
    without = score_both(tmp_path / 'without', config, {'clip': ([SHOWN] * 4, [GUESS] * 4)})
    assert comparable(scores) == comparable(without)


@pytest.mark.parametrize('name', BY_SHOWN)
def test_ground_truth_without_any_object_is_an_error(tmp_path, name):
    videos = {'clip': ([stripes()] * 4, [GUESS] * 4)}
    cause = f'video clip: no object in the ground truth of any frame that {name} looks at'
    with pytest.raises(AnnotationError, match=cause):
        score_folders(tmp_path, name, videos)
    with pytest.raises(AnnotationError, match=cause):
        score_metric(name, videos)


@pytest.mark.parametrize('name', BY_GIVEN)
def test_a_first_frame_without_any_object_is_an_error(tmp_path, name):
    videos = {'clip': ([stripes(), SHOWN, SHOWN], [GUESS] * 3)}
    with pytest.raises(AnnotationError, match='clip.*00000.*no (ground-truth )?object'):
        score_folders(tmp_path, name, videos)


@pytest.mark.parametrize('name', BY_SHOWN + BY_GIVEN)
def test_another_resolution_is_named(tmp_path, name):
    videos = {'clip': ([SHOWN % 200] * 4, [SHOWN % 200, SHOWN[:, :20] % 200, *[SHOWN % 200] * 2])}
    with pytest.raises(AnnotationError, match='clip, frame 00001: prediction is 20x4, ground truth is 40x4'):
        score_metric(name, videos)
    path = tmp_path / 'pred' / 'clip' / '00001.png'
    with pytest.raises(AnnotationError, match=f'^{path}: mask is 20x4, .*40x4'):
        score_folders(tmp_path, name, videos)


@pytest.mark.parametrize('name', FREE_IDS)
def test_void_pixels_count_only_in_vos_benchmark(tmp_path, name):
    gt = stripes({3: (4, 8), 200: (12, 16), 255: (8, 10)})
    pred = stripes({3: (4, 10), 200: (12, 16)})
    scores = score_both(tmp_path, with_meta(name, tmp_path), {'clip': ([gt] * 4, [pred] * 4)})
    assert scores.per_object['clip'][3]['J-Mean'] == pytest.approx(4 / 6 if name == 'vos_benchmark' else 1)
    assert scores.per_object['clip'][200]['J-Mean'] == 1
    assert (255 in scores.per_object['clip']) == (name == 'vos_benchmark')


def test_an_object_in_neither_mask_is_perfect(tmp_path):
    gt = [SHOWN, np.where(SHOWN == 3, SHOWN, 0), np.where(SHOWN == 3, SHOWN, 0), SHOWN]
    pred = [SHOWN, np.where(SHOWN == 3, SHOWN, 0), SHOWN, SHOWN]
    scores = score_both(tmp_path, 'davis2017', {'clip': (gt, pred)})
    assert scores.per_frame['clip'][200] == {'frames': ['00001', '00002'], 'J': [1, 0], 'F': [1, 0]}
