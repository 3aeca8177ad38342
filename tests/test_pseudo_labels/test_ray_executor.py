"""Labels made on Ray are those of one process, also when workers die."""

import os
import signal
from pathlib import Path

import pytest
from small_factory import box_factory, tree, write_four_videos

from vosplug.errors import OutputError, VOSError
from vosplug.models import FilledBoxInitializer
from vosplug.pseudo_labels import LabelFactory, Labeller, RayExecutor, read_box_videos

ray = pytest.importorskip('ray', reason='needs ray')
pytestmark = pytest.mark.slow  # a cluster takes seconds to start


class Dying(Labeller):
    """Kills its process at some videos: the first time, or always."""

    def __init__(self, root: Path, always: bool = False) -> None:
        super().__init__(FilledBoxInitializer())
        self.root, self.always = root, always

    def label(self, video, source, object_ids, manual):
        """See the base."""
        died = self.root / f'died-{video.name.replace("/", "-")}'
        if video.name in ('bear', 'cats/two') and (self.always or not died.exists()):
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().label(video, source, object_ids, manual)


@pytest.fixture(scope='module', autouse=True)
def cluster():
    path = os.pathsep.join(
        [str(Path(__file__).parents[1]), str(Path(__file__).parent), str(Path(__file__).parents[2])]
    )
    ray.init(
        num_cpus=2, runtime_env=dict(env_vars=dict(PYTHONPATH=path, OMP_NUM_THREADS='1')), log_to_driver=False
    )
    yield
    ray.shutdown()


@pytest.fixture
def root(tmp_path) -> Path:
    return write_four_videos(tmp_path)


def whole(root: Path) -> dict[str, bytes]:
    factory, videos = box_factory(root, 'whole')
    factory.make_all(videos)
    factory.finalize(videos)
    return tree(root / 'whole')


def test_ray_makes_the_same_as_one_process(root):
    factory, videos = box_factory(root)
    done = []
    assert factory.make_all(videos, lambda *boxes: done.append(boxes), executor=RayExecutor(2)) == 4
    assert done[-1][0] == done[-1][1] and len(done) == 4
    factory.finalize(videos, 1)
    assert tree(root / 'out') == whole(root)
    assert factory.make_all(videos, executor=RayExecutor(2)) == 0


def test_workers_that_die_lose_nothing(root):
    videos = read_box_videos(root / 'boxes.csv', root / 'videos')
    factory = LabelFactory(root / 'out', Dying(root))
    assert factory.make_all(videos, executor=RayExecutor(2)) == 4
    factory.finalize(videos, 1)
    assert (root / 'died-bear').exists() and (root / 'died-cats-two').exists()
    assert tree(root / 'out') == whole(root)


def test_a_video_that_always_kills_its_worker_is_named(root):
    videos = read_box_videos(root / 'boxes.csv', root / 'videos')
    factory = LabelFactory(root / 'out', Dying(root, always=True))
    with pytest.raises(OutputError, match='died 4 times'):
        factory.make_all(videos, executor=RayExecutor(2))
    factory, videos = box_factory(root)  # the lock is free
    factory.make_all(videos)


def test_errors_are_those_of_one_process(root):
    factory, videos = box_factory(root)
    for path in (root / 'videos' / 'wolf').iterdir():
        path.unlink()
    with pytest.raises(VOSError) as alone:
        factory.make_all(videos)
    with pytest.raises(type(alone.value)) as found:
        factory.make_all(videos, executor=RayExecutor(2))
    assert str(found.value) == str(alone.value)
