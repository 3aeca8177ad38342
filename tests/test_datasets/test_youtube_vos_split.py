"""The split of YouTube-VOS' training videos: its rule, and the tool that writes it."""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vosplug.config import load_config
from vosplug.datasets.youtube_vos_split import PAPER_UNSEEN, split_youtube_vos
from vosplug.errors import AnnotationError
from vosplug.evaluation.protocols.sparse import YTVOS_SEEN
from vosplug.formats.image_set import read_image_set

TOOL = Path(__file__).parents[2] / 'tools' / 'dataset_converters' / 'split_youtube_vos.py'
NAMES = [f'c{k:02}' for k in range(18)] + ['penguin', 'snail']


def make_videos(per_category: int = 12, seed: int = 0) -> dict[str, set[str]]:
    """Videos of a category each; some show an object of another one, too."""
    rng = np.random.RandomState(seed)
    videos = {f'{name}-{k}': {name} for name in NAMES for k in range(per_category)}
    for names in videos.values():
        if rng.rand() < 0.05:
            names.add(NAMES[rng.randint(len(NAMES))])
    return videos


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 1000))
def test_every_video_is_in_one_part_and_training_never_sees_an_unseen_category(seed, data_seed):
    videos = make_videos(seed=data_seed)
    split = split_youtube_vos(videos, seed=seed)
    parts = [split.train, split.val, split.test_seen, split.test_unseen]
    assert sorted(sum(parts, [])) == sorted(videos)
    assert len(split.unseen_categories) == 10 and {'penguin', 'snail'} <= set(split.unseen_categories)
    unseen = set(split.unseen_categories)
    for part in parts[:3]:
        assert not any(videos[name] & unseen for name in part)
    assert all(videos[name] & unseen for name in split.test_unseen)
    assert split.test == sorted(split.test_seen + split.test_unseen)
    assert len(split.val) == 2 * 10 and len(split.test_seen) == 4 * 10
    assert set().union(*(videos[name] for name in split.train)) == set(NAMES) - unseen


def test_the_order_of_the_videos_changes_nothing_and_the_seed_does():
    videos = make_videos()
    turned = dict(reversed(videos.items()))
    assert split_youtube_vos(videos) == split_youtube_vos(turned) != split_youtube_vos(videos, seed=1)


def test_names_of_the_paper_match_with_underscores():
    videos = {f'{c}{k}': {c.replace(' ', '_')} for c in [*PAPER_UNSEEN, 'cat'] for k in range(8)}
    assert split_youtube_vos(videos).unseen_categories == sorted(c.replace(' ', '_') for c in PAPER_UNSEEN)


def test_the_config_scores_the_categories_that_are_drawn_from_the_public_ones():
    split = split_youtube_vos({f'{c}{k}': {c} for c in YTVOS_SEEN for k in range(8)})
    protocol = load_config('_base_/datasets/ytvos2018_split.py').test_evaluator.protocol
    assert protocol.unseen_categories == split.unseen_categories


def test_too_few_categories_or_videos():
    with pytest.raises(AnnotationError, match='found 10, expected more than the 10'):
        split_youtube_vos({name: {name} for name in NAMES[:10]})
    with pytest.raises(AnnotationError, match='6 videos are left for it, expected more than 2 .* and 4'):
        split_youtube_vos(make_videos(per_category=6, seed=0))


def test_the_tool_writes_lists_that_datasets_read(tmp_path, monkeypatch, capsys):
    videos = make_videos()
    meta = {
        name: dict(objects={str(k): dict(category=c) for k, c in enumerate(sorted(names), 1)})
        for name, names in videos.items()
    }
    (tmp_path / 'meta.json').write_text(json.dumps(dict(videos=meta)))
    monkeypatch.setattr(sys, 'argv', [str(TOOL), str(tmp_path / 'meta.json'), str(tmp_path / 'lists')])
    runpy.run_path(str(TOOL), run_name='__main__')
    split = split_youtube_vos(videos)
    for part in ('train', 'val', 'test', 'test_seen', 'test_unseen'):
        assert read_image_set(tmp_path / 'lists' / f'{part}.txt') == getattr(split, part)
    assert (tmp_path / 'lists' / 'unseen_categories.txt').read_text().split() == split.unseen_categories
    assert f'val.txt: {len(split.val)}' in capsys.readouterr().out
