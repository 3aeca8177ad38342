"""Processes that share a folder of labels: shards of a run do, other runs are kept out."""

import itertools
import multiprocessing
import os
import re
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_factory import NAMES, box_factory, tree, write_four_videos

from vosplug.datasets.video_sampler import balanced
from vosplug.errors import ConfigError, OutputError, VOSError
from vosplug.pseudo_labels import Rules, Shard
from vosplug.pseudo_labels.run_lock import RunLock


def work(root: Path, shard: Shard, finalized: 'multiprocessing.SimpleQueue[bool]') -> None:
    """Make a shard, but wait in its first video until a file appears."""
    factory, videos = box_factory(root)
    make = factory.maker.make

    def slow(video, inputs) -> None:
        (root / f'inside-{shard.index}').touch()
        wait_for(root / 'go')
        make(video, inputs)

    factory.maker.make = slow
    factory.make_all(videos, shard=shard)
    finalized.put(factory.finalize(videos, shard.count) is not None)


needs_fork = pytest.mark.skipif(not hasattr(os, 'fork'), reason='needs fork')


@pytest.fixture
def root(tmp_path) -> Path:
    return write_four_videos(tmp_path)


def wait_for(path: Path) -> None:
    end = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < end, f'{path} does not appear'
        time.sleep(0.01)


def whole(root: Path) -> dict[str, bytes]:
    factory, videos = box_factory(root, 'whole')
    factory.make_all(videos)
    factory.finalize(videos)
    return tree(root / 'whole')


@needs_fork
def test_two_processes_make_the_same_as_one_and_other_runs_are_refused_meanwhile(root):
    fork = multiprocessing.get_context('fork')
    finalized = fork.SimpleQueue()
    both = [fork.Process(target=work, args=(root, Shard(k, 2), finalized)) for k in range(2)]
    for k in range(2):
        both[k].start()
        wait_for(root / f'inside-{k}')
    factory, videos = box_factory(root)
    with pytest.raises(
        OutputError, match=rf'in use by process {both[0].pid} on .+, since \d{{4}}-.+shard 1/2'
    ):
        factory.make_all(videos, shard=Shard(0, 2))
    with pytest.raises(OutputError, match=r'in use by process (\d+) on .*'):
        factory.make_all(videos)  # the whole is another run than its shards
    with pytest.raises(OutputError, match='in use by'):
        factory.make_all(videos, shard=Shard(2, 3))
    with pytest.raises(OutputError, match='in use by'):
        factory.finalize(videos)
    other, _ = box_factory(root, rules=Rules('last'))
    with pytest.raises(OutputError, match='in use by'):
        other.make_all(videos, shard=Shard(0, 2))
    assert factory.maker.labeller.asked == other.maker.labeller.asked == []
    (root / 'go').touch()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert {finalized.get(), finalized.get()} == {False, True}  # the last one finalizes
    assert tree(root / 'out') == whole(root)


@needs_fork
def test_the_lock_of_a_killed_process_blocks_nobody(root):
    fork = multiprocessing.get_context('fork')
    killed = fork.Process(target=work, args=(root, Shard(), fork.SimpleQueue()))
    killed.start()
    wait_for(root / 'inside-0')
    killed.kill()
    killed.join()
    assert list((root / 'out').rglob('*.lock'))
    factory, videos = box_factory(root, rules=Rules('last'))  # another run, even
    factory.make_all(videos)
    factory, videos = box_factory(root)
    factory.make_all(videos)
    factory.finalize(videos)
    assert tree(root / 'out') == whole(root)


def test_two_threads_lose_nothing(root):
    """One of them is refused, or comes later; the labels are complete."""
    errors, expected = [], whole(root)

    def run() -> None:
        factory, videos = box_factory(root)
        try:
            factory.make_all(videos)
            factory.finalize(videos)
        except VOSError as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(isinstance(error, OutputError) for error in errors) and len(errors) < 4
    run()
    assert tree(root / 'out') == expected


@pytest.mark.parametrize('order', list(itertools.permutations(range(3))))
def test_shards_in_any_order_make_the_same_as_one_process(root, order):
    finalized = []
    for index in order:
        factory, videos = box_factory(root)
        factory.make_all(videos, shard=Shard(index, 3))
        finalized.append(factory.finalize(videos, 3) is not None)
    assert finalized == [False, False, True]
    assert tree(root / 'out') == whole(root)


def test_a_shard_that_failed_is_repeated_alone(root):
    factory, videos = box_factory(root)
    factory.make_all(videos, shard=Shard(1, 2))
    path = root / 'videos' / 'wolf'
    path.rename(root / 'away')
    with pytest.raises(VOSError):
        box_factory(root)[0].make_all(videos, shard=Shard(0, 2))
    assert factory.finalize(videos, 2) is None and not (root / 'out' / 'manifest.csv').exists()
    (root / 'away').rename(path)
    factory.make_all(videos, shard=Shard(0, 2))
    assert factory.finalize(videos, 2) is not None
    assert tree(root / 'out') == whole(root)


def test_shards_that_finished_under_other_rules_do_not_count(root):
    factory, videos = box_factory(root, rules=Rules('last'))
    factory.make_all(videos, shard=Shard(1, 2))
    factory, videos = box_factory(root)
    factory.make_all(videos, shard=Shard(0, 2))
    assert factory.finalize(videos, 2) is None
    factory.make_all(videos, shard=Shard(1, 2))
    assert factory.finalize(videos, 2) is not None


def test_another_number_of_shards_finishes_the_same_run(root):
    factory, videos = box_factory(root)
    factory.make_all(videos, shard=Shard(1, 2))
    factory.make_all(videos)
    assert len(factory.maker.labeller.asked) == len(NAMES)
    assert factory.finalize(videos, 1) is not None
    assert tree(root / 'out') == whole(root)


def test_locks_are_removed_and_shards_forgotten_when_all_is_done(root):
    factory, videos = box_factory(root)
    factory.make_all(videos, shard=Shard(0, 2))
    names = {re.sub('^[0-9a-f]{16}-', '', path.name) for path in (root / 'out/work/locks').iterdir()}
    assert names == {'gate', '0-of-2.done'}
    factory.make_all(videos, shard=Shard(1, 2))
    factory.finalize(videos, 2)
    left = sorted(path.suffix for path in (root / 'out/work/locks').iterdir())
    assert left == ['', '.finalized'], 'the gate, and a note that all is done'


@pytest.mark.parametrize('count', [1, 2, 3])
@pytest.mark.parametrize('damage', ['nothing', '00001.png', 'manifest.csv'])
def test_a_shard_that_is_repeated_after_all_was_done_ends_with_a_whole_folder(root, count, damage):
    factory, videos = box_factory(root)
    for index in range(2):
        factory.make_all(videos, shard=Shard(index, 2))
        factory.finalize(videos, 2)
    for path in (root / 'out').rglob(damage):
        path.unlink()
    for index in range(count):
        factory.make_all(videos, shard=Shard(index, count))
        assert factory.finalize(videos, count) is not None, 'nobody has to ask for it'
    assert tree(root / 'out') == whole(root)


def test_two_shards_that_are_repeated_together_are_finalized_by_the_last(root):
    factory, videos = box_factory(root)
    for index in range(2):
        factory.make_all(videos, shard=Shard(index, 2))
    factory.finalize(videos, 2)
    locks = [RunLock(root / 'out', factory._lock(factory.plan(videos), 2).run, 2) for _ in range(2)]
    with locks[0].shard(0):
        with locks[1].shard(1):
            pass
        with locks[1].finalization(True) as early:
            assert not early, 'a shard works'
    with locks[0].finalization(True) as last:
        assert last


def test_a_repeated_shard_that_is_killed_is_not_finished(root):
    factory, videos = box_factory(root)
    for index in range(2):
        factory.make_all(videos, shard=Shard(index, 2))
    factory.finalize(videos, 2)
    lock = factory._lock(factory.plan(videos), 2)
    with pytest.raises(KeyboardInterrupt), lock.shard(0):
        raise KeyboardInterrupt
    factory.make_all(videos, shard=Shard(1, 2))
    assert factory.finalize(videos, 2) is None
    factory.make_all(videos, shard=Shard(0, 2))
    assert factory.finalize(videos, 2) is not None
    assert tree(root / 'out') == whole(root)


def test_a_run_with_other_rules_forgets_that_all_was_done(root):
    factory, videos = box_factory(root)
    factory.make_all(videos)
    factory.finalize(videos)
    other, _ = box_factory(root, rules=Rules('last'))
    other.make_all(videos, shard=Shard(0, 2))
    factory.make_all(videos, shard=Shard(0, 2))
    assert factory.finalize(videos, 2) is None, 'the other shard may have labels of other rules'


def test_a_shard_waits_while_the_files_of_the_whole_set_are_written(root):
    lock, order = RunLock(root / 'out', 'a' * 64, 1), []
    with lock.shard(0):
        pass

    def repeat() -> None:
        with RunLock(root / 'out', 'a' * 64, 1).shard(0):
            order.append('shard')

    thread = threading.Thread(target=repeat)
    with lock.finalization(True) as held:
        assert held
        thread.start()
        time.sleep(1)
        order.append('finalized')
    thread.join()
    assert order == ['finalized', 'shard']
    with lock.finalization(True) as again:
        assert again


def test_a_lock_with_a_damaged_note_is_still_a_lock(root):
    lock = RunLock(root / 'out', 'a' * 64, 1)
    with lock.shard(0):
        next((root / 'out').rglob('*-of-1.json')).write_text('{')
        with pytest.raises(OutputError, match='an unknown process'), lock.shard(0):
            pass


def test_an_error_in_a_shard_releases_its_lock(root):
    lock = RunLock(root / 'out', 'a' * 64, 1)
    with pytest.raises(KeyboardInterrupt), lock.shard(0):
        raise KeyboardInterrupt
    with lock.finalization(True) as held:
        assert not held
    with lock.shard(0):
        pass
    with lock.finalization(True) as held:
        assert held


def test_one_of_two_shards_that_end_together_finalizes(root):
    lock = RunLock(root / 'out', 'a' * 64, 2)
    for index in range(2):
        with lock.shard(index):
            pass
    with lock.finalization(True) as first, RunLock(root / 'out', 'a' * 64, 2).finalization(True) as second:
        assert (first, second) == (True, False)
    with lock.finalization(True) as again:
        assert not again


@pytest.mark.parametrize(
    'text',
    ['', '1', '0/1', '2/1', '-1/2', '0/0', 'a/b', '1/2/3', '0.5/2', '¹/2', '1/' + '9' * 5000, '1/1000000'],
)
def test_wrong_shards_are_named(text):
    with pytest.raises(ConfigError, match='expected I/N'):
        Shard.parse(text)


def test_every_process_of_torchrun_does_a_part_of_a_shard(monkeypatch):
    assert Shard.parse('2/2').of_torchrun() == Shard(1, 2)
    monkeypatch.setenv('WORLD_SIZE', '4')
    parts = []
    for k, rank in itertools.product(range(2), range(4)):
        monkeypatch.setenv('RANK', str(rank))
        parts.append(Shard(k, 2).of_torchrun())
    assert parts == [Shard(k, 8) for k in range(8)]


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 7))
def test_shards_are_disjoint_complete_and_balanced(loads, count):
    shards = balanced(loads, count)
    assert sorted(k for items in shards for k in items) == list(range(len(loads)))
    sums = [sum(loads[k] for k in items) for items in shards]
    assert max(sums) - min(sums) <= max(loads, default=0)


def test_an_edit_and_a_run_keep_each_other_out_and_finished_shards_stay(root):
    factory, videos = box_factory(root)
    factory.make_all(videos, shard=Shard(0, 2))
    lock = RunLock(root / 'out', '', 1)
    assert lock.holder() is None
    with factory.editing('review'):
        assert re.search(rf'process {os.getpid()} on .+\(review\)', lock.holder())
        with pytest.raises(OutputError, match=r'in use by .+\(review\)'):
            factory.make_all(videos, shard=Shard(1, 2))
        with pytest.raises(OutputError, match='in use by'), factory.editing('review'):
            pass
    assert lock.holder() is None
    factory.make_all(videos, shard=Shard(1, 2))
    assert factory.finalize(videos, 2) is not None  # the first shard is known to be finished
    with lock.shard(0), pytest.raises(OutputError, match='in use by'), factory.editing('review'):
        pass


def test_a_report_is_written_while_nobody_else_may_write(tmp_path):
    factory, videos = box_factory(write_four_videos(tmp_path))
    factory.make_all(videos)
    refused = []

    def report(rows: list) -> None:
        with pytest.raises(OutputError):
            factory.finalize(videos)
        refused.append(len(rows))

    assert refused == [len(factory.finalize(videos, 1, report))]
