"""A cache gives what its provider gives, and asks it once."""

import copy

import numpy as np
import pytest
from flow_tester import ImagePairFlowTester, texture, translated
from small_videos import CountingSource

from vosplug.errors import ConfigError
from vosplug.formats.flow_file import write_flo
from vosplug.models import CachedFlow, DISFlow, FlowFiles, ImagePairFlow
from vosplug.registry import MODELS

A, B, C = texture(seed=0), texture(seed=1), texture(seed=2)


class Difference(ImagePairFlow):
    """Counts how often it is asked."""

    def __init__(self, factor: object = 1) -> None:
        self.factor, self.asked = factor, 0

    @property
    def settings(self) -> dict:
        return dict(factor=self.factor)

    def between(self, previous: np.ndarray, image: np.ndarray) -> np.ndarray:
        self.asked += 1
        return self.factor * (np.float32(previous) - image)[..., :2] / 7


class Other(Difference):
    pass


class TestCache(ImagePairFlowTester):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.folder = tmp_path

    def provider(self):
        return CachedFlow(DISFlow(), self.folder)


def files(folder) -> list:
    return sorted(path for path in folder.rglob('*') if path.is_file())


def test_a_flow_is_computed_once_and_comes_back_exactly(tmp_path):
    provider = Difference()
    cache = CachedFlow(provider, tmp_path)
    first = cache.between(A, B)
    assert np.array_equal(first, Difference().between(A, B)) and provider.asked == 1
    assert np.array_equal(cache.between(A, B), first) and provider.asked == 1
    another = CachedFlow(Difference(), tmp_path)
    assert np.array_equal(another.between(A, B), first) and another.provider.asked == 0
    assert [path.suffix for path in files(tmp_path)] == ['.flo']


@pytest.mark.parametrize(
    ('provider', 'images'),
    [
        (Difference(), (B, A)),
        (Difference(), (A, C)),
        (Difference(), (C, B)),
        (Difference(), (A[:, :-1], B[:, :-1])),
        (Difference(2), (A, B)),
        (Other(), (A, B)),
    ],
)
def test_other_images_options_or_classes_are_computed(tmp_path, provider, images):
    CachedFlow(Difference(), tmp_path).between(A, B)
    expected = copy.copy(provider).between(*images)
    asked = provider.asked
    assert np.array_equal(CachedFlow(provider, tmp_path).between(*images), expected)
    assert provider.asked == asked + 1 and len(files(tmp_path)) == 2


def test_images_of_the_same_bytes_but_another_shape_are_others(tmp_path):
    CachedFlow(Difference(), tmp_path).between(A, B)
    a, b = (np.ascontiguousarray(x).reshape(64, 48, 3) for x in (A, B))
    assert CachedFlow(Difference(), tmp_path).between(a, b).shape == (64, 48, 2)


def test_a_frame_replaced_on_disk_is_computed_again(tmp_path):
    frames = [A, B, C]
    provider = Difference()
    cache, source = CachedFlow(provider, tmp_path), CountingSource(frames)
    before = [cache(source, t) for t in range(3)]
    assert provider.asked == 2 and not before[0].any()
    frames[2] = translated(C, 3, 0)
    assert np.array_equal(cache(source, 2), Difference().between(B, frames[2]))
    assert not np.array_equal(cache(source, 2), before[2]) and np.array_equal(cache(source, 1), before[1])
    assert provider.asked == 3


@pytest.mark.parametrize('damage', ['truncated', 'empty', 'other size'])
def test_a_damaged_file_is_computed_again(tmp_path, damage):
    provider = Difference()
    cache = CachedFlow(provider, tmp_path)
    flow = cache.between(A, B)
    (path,) = files(tmp_path)
    if damage == 'other size':
        write_flo(path, flow[1:])
    else:
        path.write_bytes(path.read_bytes()[:-1] if damage == 'truncated' else b'')
    assert np.array_equal(cache.between(A, B), flow) and provider.asked == 2
    assert np.array_equal(cache.between(A, B), flow) and provider.asked == 2


def test_an_error_of_the_provider_leaves_no_file(tmp_path):
    class Broken(Difference):
        def between(self, previous, image):
            raise RuntimeError('no flow')

    with pytest.raises(RuntimeError, match='no flow'):
        CachedFlow(Broken(), tmp_path).between(A, B)
    assert not files(tmp_path)


def test_it_is_built_from_a_config_and_has_its_providers_settings(tmp_path):
    config = dict(type='CachedFlow', provider=dict(type='DISFlow', preset='fast'), folder=str(tmp_path))
    cache = MODELS.build(config)
    assert cache.settings == DISFlow('fast').settings != DISFlow().settings


def test_providers_that_cannot_be_cached_are_named(tmp_path):
    with pytest.raises(ConfigError, match=r'CachedFlow\.provider: found FlowFiles, expected an Image'):
        CachedFlow(FlowFiles(tmp_path, 'backward'), tmp_path)
    with pytest.raises(ConfigError, match=r'Difference\.settings: expected JSON \(.*ndarray'):
        CachedFlow(Difference(np.zeros(2)), tmp_path)
