"""An interrupted test is resumed: finished videos are not segmented again, and the numbers are the same."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from mmengine.config import Config
from mmengine.evaluator import BaseMetric
from small_data import make_masks, write_davis
from tiny_run import write_config

from vosplug.datasets.long_video import BackAndForthSource
from vosplug.datasets.video_sampler import VideoSampler, balanced
from vosplug.engine import video_evaluator
from vosplug.engine.finished_videos import FinishedVideos, settings_of
from vosplug.engine.hooks import MaskWriterHook
from vosplug.engine.video_evaluator import VideoEvaluator
from vosplug.errors import ConfigError, VOSError
from vosplug.formats import exact_json, write_id_mask
from vosplug.structures import (
    ArrayAnnotation,
    ArraySource,
    ImageFolderSource,
    ObjectPrompt,
    Prompts,
    VideoSample,
)
from vosplug.structures.image_file import write_image
from vosplug.structures.reversed_source import ReversedSource
from vosplug.structures.video_source import LastFrameSource


class Written:
    """Counts the frames that :class:`MaskWriterHook` gets, and interrupts the test at one of them."""

    def __init__(self, monkeypatch, stop_at: int | None = None) -> None:
        self.frames: list[str] = []
        real = MaskWriterHook.after_frame

        def after_frame(hook, runner, video, result):
            if len(self.frames) == stop_at:
                raise KeyboardInterrupt
            self.frames.append(f'{video.name}/{result.name}')
            real(hook, runner, video, result)

        monkeypatch.setattr(MaskWriterHook, 'after_frame', after_frame)


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob('*') if p.is_file()}


@pytest.fixture
def run(tool, config, tmp_path, monkeypatch):
    """Test the tiny config in a work dir; returns the report, if there is one, and the segmented frames."""

    def test(work: str, *flags: object, stop_at: int | None = None) -> tuple[dict | None, list[str]]:
        with monkeypatch.context() as patch:
            written = Written(patch, stop_at)
            arguments = ['--untrained', '--work-dir', work, '--out', f'{work}/masks', *flags]
            if stop_at is None:
                tool('test', config, *arguments)
            else:
                with pytest.raises(SystemExit, match='130'):
                    tool('test', config, *arguments)
        scores = tmp_path / 'scores.json'
        report = json.loads(scores.read_text()) if scores.exists() else None
        scores.unlink(missing_ok=True)
        return report, written.frames

    return test


def test_a_resumed_test_has_the_numbers_and_masks_of_an_uninterrupted_one(run, tmp_path):
    whole, frames = run('whole')
    assert len(frames) == 15 and whole['per_object']
    nothing, begun = run('part', stop_at=8)
    assert nothing is None and len(begun) == 8, 'the second video is incomplete'
    (tmp_path / 'part' / 'masks' / begun[7]).with_name('.00003.77.png').touch()  # as SIGKILL leaves it
    resumed, rest = run('part', '--resume')
    assert resumed == whole and rest == frames[5:]
    assert files(tmp_path / 'part' / 'masks') == files(tmp_path / 'whole' / 'masks')
    again, none = run('part', '--resume')
    assert again == whole and none == []
    _, all_of_them = run('part')
    assert all_of_them == frames, 'only --resume skips videos'


def test_a_video_without_all_of_its_masks_is_not_finished(run, tmp_path):
    whole, frames = run('run')
    masks = sorted((tmp_path / 'run' / 'masks').glob('*/*.png'))
    masks[1].unlink()
    write_id_mask(masks[6], np.zeros((48, 64), np.uint8) + 3)
    resumed, again = run('run', '--resume')
    assert resumed == whole and again == frames[:10]
    before = files(tmp_path / 'run' / 'masks')
    masks[12].write_bytes(masks[12].read_bytes()[:-20])
    assert run('run', '--resume')[1] == frames[10:] and files(tmp_path / 'run' / 'masks') == before


def test_overlays_of_another_model_are_not_taken_for_those_of_this_one(run, tmp_path):
    shown = ['--show-dir', 'shown']
    _, frames = run('one', *shown)
    ours = files(tmp_path / 'shown')
    assert len(ours) == 15 and run('one', '--resume', *shown)[1] == []
    run('other', *shown, '--cfg-options', 'randomness.seed=5')
    assert files(tmp_path / 'shown') != ours
    assert run('one', '--resume', *shown)[1] and files(tmp_path / 'shown') == ours
    assert run('one', '--resume')[1] == [], 'overlays that are not asked for need not be there'
    missing = min((tmp_path / 'shown').glob('*/00002.jpg'))
    missing.rename(missing.with_name('.00002.77.jpg'))  # as SIGKILL leaves it
    assert run('one', '--resume', *shown)[1] == frames[:5] and files(tmp_path / 'shown') == ours


def test_changed_ground_truth_is_scored_again(run, tmp_path):
    root = write_davis(tmp_path / 'davis', {'bear': make_masks(4), 'wolf': make_masks(3)})
    dataset = dict(
        type='DAVIS2017Dataset', data_root=str(root), ann_file='ImageSets/train.txt', test_mode=True
    )
    write_config(tmp_path / 'tiny.py', f'test_dataloader["dataset"] = {dataset}')
    whole, frames = run('run')
    assert len(frames) == 7 and run('run', '--resume') == (whole, [])
    last = root / 'Annotations/480p/wolf/00001.png'
    write_id_mask(last, np.roll(make_masks(3)[1], 9, 1))
    changed, again = run('run', '--resume')
    assert again == frames[4:] and changed != whole
    image = root / 'JPEGImages/480p/bear/00003.jpg'
    write_image(image, np.zeros((48, 64, 3), np.uint8))
    assert run('run', '--resume')[1] == frames[:4]


def test_other_settings_are_tested_again(run):
    _, frames = run('run')
    for change in ('model.memory.top_k=8', 'randomness.seed=5', 'test_evaluator.protocol=davis2016'):
        assert run('run', '--resume', '--cfg-options', change)[1] == frames, change
    assert run('run', '--resume', '--cfg-options', change, 'test_evaluator.out_file=other.json')[1] == []


def test_shards_are_scored_by_a_last_run(run, tool, config):
    whole, frames = run('whole')
    parts = [run('shards', '--shard', f'{k}/2') for k in (1, 2)]
    assert [report for report, _ in parts] == [None, None], 'a shard has no numbers of the benchmark'
    assert sorted(parts[0][1] + parts[1][1]) == sorted(frames) and {len(f) for _, f in parts} == {5, 10}
    assert run('shards', '--resume') == (whole, [])
    for wrong in ('0/2', '3/2', '1', 'a/b', '1/2/3', '1/' + '9' * 5000):
        with pytest.raises(SystemExit, match='--shard'):
            tool('test', config, '--untrained', '--shard', wrong)
    with pytest.raises(SystemExit, match='4 shards, more than the 3 videos'):
        tool('test', config, '--untrained', '--shard', '1/4')


def sample(name: str = 'a/b', length: int = 3, **changes) -> VideoSample:
    masks = make_masks(length)
    source = ArraySource(np.zeros((length, 48, 64, 3), np.uint8))
    facts = dict(
        prompts=Prompts.from_id_mask(masks[0]), annotation=ArrayAnnotation(masks), eval_frames=[1, 2]
    )
    return VideoSample(name, source, **(facts | changes))


def test_results_belong_to_one_video_and_its_prompts(tmp_path):
    store = FinishedVideos(tmp_path, 'settings')
    results = [[dict(video='a/b', J={3: [0.5, float('nan')]})]]
    store.save(sample(), results, ['one', 'two'])
    for outputs in ([], ['two'], ['one', 'two']):
        assert repr(store.load(sample(), outputs)) == repr(results)
    for outputs in ([None], ['one', 'three']):
        assert store.load(sample(), outputs) is None
    box = Prompts({0: [ObjectPrompt(3, box=(1, 2, 9, 9)), ObjectPrompt(7, box=(1, 2, 9, 9))]})
    for other in (sample('a'), sample(length=4), sample(prompts=box), sample(eval_frames=[1])):
        assert store.load(other) is None
    assert FinishedVideos(tmp_path, 'other').load(sample()) is None


class Boxes(ArrayAnnotation):
    """One box in all of three frames."""

    def __init__(self, box) -> None:
        super().__init__([None] * 3)
        self.box = np.array(box, np.float32)

    def boxes(self, t: int) -> dict[int, np.ndarray]:
        return {1: self.box}


def test_results_belong_to_one_ground_truth(tmp_path):
    store, masks = FinishedVideos(tmp_path, 'settings'), make_masks(3)
    store.save(sample(), [[1]])
    assert store.load(sample()) == [[1]]
    masks[2][40, 3] = 7
    boxes = Boxes([1, 2, 9, 9])
    for truth in (ArrayAnnotation(masks), ArrayAnnotation([*masks[:2], None]), boxes, None):
        assert store.load(sample(annotation=truth)) is None
    store.save(sample(annotation=boxes), [[2]])
    assert store.load(sample(annotation=boxes)) == [[2]]
    for other in ([1, 2, 9, 9.5], [1, 2, np.nan, 9]):
        assert store.load(sample(annotation=Boxes(other))) is None
    assert store.load(sample(annotation=boxes, metainfo=dict(cover=np.arange(3)))) is None


def test_results_belong_to_the_frames_as_they_are(tmp_path):
    folder = tmp_path / 'clip'
    for t in range(3):
        write_image(folder / f'{t}.png', np.full((48, 64, 3), t, np.uint8))
    store = FinishedVideos(tmp_path / 'finished', 'settings')

    def now(wrap) -> VideoSample:
        opened = sample()
        opened.source = wrap(ImageFolderSource(folder))
        return opened

    for wrap in (lambda s: s, LastFrameSource, ReversedSource, lambda s: BackAndForthSource(s, 1)):
        store.save(now(wrap), [[1]])
        assert store.load(now(wrap)) == [[1]]
        write_image(folder / '1.png', np.zeros((48, 64, 3), np.uint8))
        assert store.load(now(wrap)) is None


def test_every_weight_counts():
    class Model(torch.nn.Module):
        def __init__(self, *values) -> None:
            super().__init__()
            for k, value in enumerate(values):
                self.register_buffer(f'b{k}', value)

        def get_extra_state(self) -> str:
            return 'extra'

    values = [torch.tensor(3), torch.zeros(0), torch.ones(2, 3, dtype=torch.bfloat16).T, torch.tensor([True])]
    cfg = Config(dict(model=dict(type='M'), test_evaluator=[dict(type='VOSMetric', out_file='a.json')]))
    same = {settings_of(cfg, Model(*values)) for _ in range(2)}
    others = {settings_of(cfg, Model(*values[:k], values[k] * 0 + 2, *values[k + 1 :])) for k in (0, 2, 3)}
    assert len(same) == 1 and len(same | others) == 4
    cfg.test_evaluator[0].out_file = 'b.json'
    assert {settings_of(cfg, Model(*values))} == same


@pytest.mark.parametrize(
    'data', [b'', b'[1', b'{"dict": 3}', b'[1, 2]', b'{}', b'\xff\xfe', b'["a", "b", "c"]']
)
def test_a_damaged_record_is_no_result(tmp_path, data):
    store = FinishedVideos(tmp_path, 'settings')
    store.save(sample(), [[1]])
    [path] = tmp_path.iterdir()
    path.write_bytes(data)
    assert store.load(sample()) is None


def test_long_and_strange_names_have_records_inside_the_folder(tmp_path):
    for name in ('x' * 300, '../../up', '/absolute', 'new\nline', '..', 'ü' * 200):
        FinishedVideos(tmp_path / 'records', 's').save(sample(name), [[name]])
        assert FinishedVideos(tmp_path / 'records', 's').load(sample(name)) == [[name]]
    assert [p.name for p in tmp_path.iterdir()] == ['records']


def test_results_that_cannot_be_stored_do_not_stop_a_test(tmp_path):
    FinishedVideos(tmp_path, 's').save(sample(), [[torch.zeros(2)]])
    assert list(tmp_path.iterdir()) == []


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.floats(width=32).map(np.float32)
    | st.integers(-9, 9).map(np.int64),
    lambda inner: st.lists(inner, max_size=4)
    | st.lists(inner, max_size=3).map(tuple)
    | st.dictionaries(st.integers() | st.text() | st.tuples(st.integers(), st.text()), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(plain)
def test_plain_values_come_back_exactly(value):
    assert repr(exact_json.loads(exact_json.dumps(value))) == repr(value)


@pytest.mark.parametrize('kind', [np.float64, np.uint8, bool])
def test_arrays_come_back_exactly(kind):
    for shape in ((), (0,), (2, 3), (3, 0, 2)):
        array = np.asarray(np.arange(np.prod(shape)).reshape(shape) / 3, kind)
        found = exact_json.loads(exact_json.dumps(dict(a=array)))['a']
        assert found.dtype == array.dtype and found.shape == shape and np.array_equal(found, array)
        found[...] = 0  # writable
    assert exact_json.loads(exact_json.dumps({1, 2})) == {1, 2}
    for other in (object(), np.array([None]), torch.zeros(1)):
        with pytest.raises(TypeError, match='cannot be stored'):
            exact_json.dumps([other])


@given(st.lists(st.integers(1, 500), max_size=30), st.integers(1, 6))
def test_shares_are_balanced_complete_and_in_order(lengths, parts):
    shares = balanced(lengths, parts)
    assert sorted(k for share in shares for k in share) == list(range(len(lengths)))
    assert all(share == sorted(share) for share in shares)
    totals = [sum(lengths[k] for k in share) for share in shares]
    assert max(totals) - min(totals) <= max(lengths, default=0)


class Clips:
    """A dataset of clips of given lengths."""

    def __init__(self, lengths: list[int]) -> None:
        self.lengths = lengths

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, k: int) -> dict:
        return dict(inputs=range(self.lengths[k]))


def test_one_process_has_all_videos_and_reads_no_lengths():
    class Unreadable(Clips):
        def __getitem__(self, k: int) -> dict:
            raise AssertionError

    assert list(VideoSampler(Unreadable([3, 1, 2]), seed=4)) == [0, 1, 2]
    assert [list(VideoSampler(Clips([90, 10, 20, 50, 15]), shard=(k, 2))) for k in (0, 1)] == [
        [0],
        [1, 2, 3, 4],
    ]
    with pytest.raises(ConfigError, match='3 shards, more than the 2 videos'):
        VideoSampler(Clips([1, 2]), shard=(0, 3))


class Listing(BaseMetric):
    """Its number is the list of its results."""

    default_prefix = ''

    def process(self, data_batch, data_samples):
        self.results.extend(data_samples)

    def compute_metrics(self, results):
        return dict(seen=list(results))


@pytest.mark.parametrize(
    'shares', [[[0, 1, 2, 3]], [[2], [0, 1, 3]], [[], [3, 0, 2, 1]], [[1, 0], [2], [3, 1]]]
)
def test_results_are_in_the_order_of_the_dataset_whichever_process_has_them(monkeypatch, shares):
    """The processes' evaluators one after the other; the gathered parts are what all of them have."""
    evaluators = [VideoEvaluator([Listing()]) for _ in shares]
    for evaluator, share in zip(evaluators, shares, strict=True):
        for index in share:
            evaluator.process([f'{index}a'])
            assert evaluator.finish(index) == [[f'{index}a']]
    gathered, taken = [dict(e._videos) for e in evaluators], []
    monkeypatch.setattr(video_evaluator, 'all_gather_object', lambda _: gathered)
    monkeypatch.setattr(video_evaluator, 'get_world_size', lambda: len(shares))
    monkeypatch.setattr(
        Listing, 'evaluate', lambda metric, size: taken.append((list(metric.results), size)) or {}
    )
    for rank, evaluator in enumerate(evaluators):
        monkeypatch.setattr(video_evaluator, 'get_rank', lambda rank=rank: rank)
        evaluator.evaluate(4)
    assert len({len(results) for results, _ in taken}) == 1, 'as mmengine expects'
    in_turns = [result for turn in zip(*(results for results, _ in taken), strict=True) for result in turn]
    assert in_turns[: taken[0][1]] == ['0a', '1a', '2a', '3a']


def test_two_metrics_with_numbers_of_one_name_are_an_error():
    evaluator = VideoEvaluator([Listing(), Listing()])
    evaluator.restore(0, [['x'], ['y']])
    with pytest.raises(VOSError, match=r"metrics share the names \['seen'\]"):
        evaluator.evaluate(1)


def test_a_report_has_the_scores_and_every_video(tool, config, tmp_path):
    tool('test', config, '--untrained', '--work-dir', tmp_path / 'w', '--report', tmp_path / 'r.html')
    page = (tmp_path / 'r.html').read_text()
    scores = json.loads((tmp_path / 'scores.json').read_text())['global']
    assert f'{100 * scores["J&F-Mean"]:.1f}' in page and page.count('<h2>Video: ') == 3
    with pytest.raises(SystemExit, match='--report: cannot be combined'):
        tool('test', config, '--untrained', '--shard', '1/2', '--report', tmp_path / 'r.html')
