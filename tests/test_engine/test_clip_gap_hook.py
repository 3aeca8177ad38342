"""The gap between frames changes on time, and reaches workers that are already running."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MMLogger
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from vosplug.datasets import SyntheticVOS
from vosplug.datasets.draws import PlacedSampler, SeededDataset, making_item_of
from vosplug.datasets.mixture import leaf_datasets
from vosplug.datasets.synthetic_clip import SyntheticAnnotation
from vosplug.engine.hooks import ClipGapHook
from vosplug.errors import ConfigError
from vosplug.registry import DATASETS

GAPS = [(0, 1), (0.1, 2), (0.3, 3), (0.9, 1)]
PIPELINE = [dict(type='LoadClip'), dict(type='PackClip')]
SAMPLER = dict(num_frames=2, max_gap=1, reverse_prob=0)


def fake_runner(dataset, iteration: int = 0, workers: int = 0, total: int = 100) -> SimpleNamespace:
    """As much of a Runner as the hook looks at."""
    loader = DataLoader(
        dataset,
        batch_size=2,
        num_workers=workers,
        persistent_workers=workers > 0,
        collate_fn=gaps_of,
    )
    return SimpleNamespace(
        train_dataloader=loader, iter=iteration, max_iters=total, logger=MMLogger.get_instance('test')
    )


def gaps_of(items: list[dict]) -> list[int]:
    pairs = [map(int, item['data_samples'].frame_names) for item in items]
    return [second - first for first, second in pairs]


def clips(**kwargs) -> SyntheticVOS:
    return SyntheticVOS(
        num_videos=24, num_frames=12, size=(32, 48), pipeline=PIPELINE, clip_sampler=SAMPLER, **kwargs
    )


def gaps_at(dataset, iterations) -> list[int]:
    """The gap with which the clips of each iteration are drawn."""
    seen = []
    for iteration in iterations:
        with making_item_of(iteration):
            seen.append(dataset.clip_sampler.max_gap)
    return seen


@pytest.mark.parametrize('done', [0, 50])
def test_the_gap_at_every_time(done):
    dataset = clips()
    ClipGapHook(GAPS).before_train(fake_runner(dataset, done))
    assert gaps_at(dataset, range(100)) == [1] * 10 + [2] * 20 + [3] * 60 + [1] * 10, 'also after resuming'


def test_nested_datasets_are_reached():
    video = dict(type='vosplug.SyntheticVOS', num_videos=2)
    mixture = dict(type='vosplug.MixtureDataset', datasets=dict(a=video, b=video))
    both = [dict(type='RepeatDataset', times=2, dataset=mixture), video]
    dataset = DATASETS.build(dict(type='ConcatDataset', datasets=both))
    ClipGapHook([(0, 7)]).before_train(fake_runner(dataset))
    reached = list(leaf_datasets(dataset))
    assert [leaf.clip_sampler.max_gap for leaf in reached] == [7, 7, 7]
    assert {type(leaf) for leaf in reached} == {SyntheticVOS}


# a spawned worker imports everything again
@pytest.mark.parametrize('context', ['fork', pytest.param('spawn', marks=pytest.mark.slow)])
def test_running_workers_make_each_clip_with_the_settings_of_its_iteration(context):
    dataset = clips()
    items = SeededDataset(dataset, seed=0)
    loader = DataLoader(
        items,
        batch_size=2,
        sampler=PlacedSampler(items, dict(type='InfiniteSampler'), 2, seed=0),
        num_workers=1,
        collate_fn=lengths_and_gaps,
        multiprocessing_context=context,
    )
    batches = iter(loader)
    next(batches)  # its worker runs, and has made two more
    dataset.clip_sampler.change(10, max_gap=6, num_frames=(3, 5))
    seen = [next(batches) for _ in range(1, 30)]
    assert {pair for batch in seen[:9] for pair in batch} == {(2, 1)}
    late = {pair for batch in seen[9:] for pair in batch}
    assert {length for length, _ in late} == {3, 4, 5} and max(gap for _, gap in late) > 1


def lengths_and_gaps(items: list[dict]) -> list[tuple[int, int]]:
    names = [[int(name) for name in item['data_samples'].frame_names] for item in items]
    return [(len(clip), clip[1] - clip[0]) for clip in names]


def test_running_workers_see_other_frames_too():
    class Sparse(SyntheticAnnotation):
        def annotated_frames(self):
            return [0, 3, 6, 9]

    dataset = clips()
    opened = dataset.open_video
    dataset.open_video = lambda info: replace(opened(info), annotation=Sparse(opened(info).source.clip))
    loader = DataLoader(
        dataset,
        2,
        num_workers=1,
        persistent_workers=True,
        collate_fn=lambda items: [i['data_samples'] for i in items],
    )
    before = [sample for batch in loader for sample in batch]
    dataset.clip_sampler.change(num_frames=(3, 5), frames='all')
    after = [sample for batch in loader for sample in batch]
    assert {len(s.frame_names) for s in before} == {2} and all(s.annotated.all() for s in before)
    assert {len(s.frame_names) for s in after} == {3, 4, 5} and not all(s.annotated.all() for s in after)


@pytest.mark.parametrize(
    'gaps', [[], [(0.1, 5)], [(0, 5), (0.5, 2), (0.3, 3)], [(0, 5), (0, 3)], [(0, 5), (1, 3)]]
)
def test_wrong_fractions_are_named(gaps):
    with pytest.raises(ConfigError, match=r'ClipGapHook\.gaps: found fractions'):
        ClipGapHook(gaps)


def test_a_gap_below_one_and_a_foreign_dataset_are_named():
    with pytest.raises(ConfigError, match='expected gaps of 1 or more'):
        ClipGapHook([(0, 0)])
    with pytest.raises(ConfigError, match='ClipGapHook: no clip_sampler in list'):
        ClipGapHook([(0, 1)]).before_train(fake_runner([1, 2]))


class Nothing(BaseModel):
    """Learns nothing and notes the gaps of the clips it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.seen = []

    def forward(self, inputs, data_samples, mode: str = 'loss') -> dict:
        self.seen += gaps_of([dict(data_samples=sample) for sample in data_samples])
        return dict(loss=self.weight.sum())


def run(work_dir, max_iters: int, resume_from=None) -> list[int]:
    """Gaps of the clips of a training, two of them per iteration; it may be wider from half-time on."""
    model = Nothing()
    Runner(
        model,
        str(work_dir),
        train_dataloader=dict(
            batch_size=2,
            dataset=clips(),
            sampler=dict(type='InfiniteSampler'),
            collate_fn=dict(type='pseudo_collate'),
        ),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
        train_cfg=dict(type='VideoTrainLoop', max_iters=max_iters),
        default_hooks=dict(checkpoint=dict(type='AtomicCheckpointHook', by_epoch=False, interval=8)),
        custom_hooks=[ClipGapHook([(0, 1), (0.5, 9)])],
        load_from=resume_from,
        resume=resume_from is not None,
        experiment_name=str(work_dir),
        default_scope='vosplug',
        randomness=dict(seed=0),
    ).train()
    return model.seen


def test_a_run_changes_it_on_time_and_a_resumed_run_starts_with_its_own(tmp_path):
    seen = run(tmp_path / 'a', 8)
    assert set(seen[:8]) == {1} and max(seen[8:]) > 1
    checkpoint = str(tmp_path / 'a' / 'iter_8.pth')
    late = run(tmp_path / 'b', 12, checkpoint)
    assert len(late) == 8 and max(late[:2]) > 1, 'from its first clip on'
    assert set(run(tmp_path / 'c', 20, checkpoint)[:4]) == {1}
