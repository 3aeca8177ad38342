"""Split of YouTube-VOS' training videos by the rule of its paper."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import AnnotationError

PAPER_UNSEEN = (  # Xu et al. 2018, Sec. 5.1
    'ant',
    'bull riding',
    'butterfly',
    'chameleon',
    'flag',
    'jellyfish',
    'kangaroo',
    'penguin',
    'slopestyle',
    'snail',
)


@dataclass(frozen=True)
class YouTubeVOSSplit:
    """Sorted video names, and the categories unseen in training; ``test`` unites both test sets."""

    train: list[str]
    val: list[str]
    test: list[str]
    test_seen: list[str]
    test_unseen: list[str]
    unseen_categories: list[str]


def split_youtube_vos(
    categories: Mapping[str, Collection[str]], unseen: int = 10, val: int = 2, test: int = 4, seed: int = 0
) -> YouTubeVOSSplit:
    """Split annotated videos by the rule of Xu et al. 2018, Sec. 5.1.

    All videos with an object of an unseen category are the unseen test set. Of each other category, some
    videos are drawn for validation and for the seen test set, the rest is for training. The masks of the
    paper's own test set are on a server, and of its ten unseen categories only penguin and snail are among
    the public training videos: those of the ten that exist are taken first, the others are drawn.

    Args:
        categories: video -> categories of its objects.
        unseen: number of categories unseen in training.
        val: number of videos of each category for validation.
        test: likewise for the seen test set.
        seed: of all draws.

    Returns:
        YouTubeVOSSplit: it depends on the videos and the seed, not on the order of the videos.

    Raises:
        AnnotationError: too few categories, or too few videos of one of them.
    """
    rng = np.random.RandomState(seed)
    known = sorted({name for names in categories.values() for name in names})
    if len(known) <= unseen:
        raise AnnotationError(
            f'categories: found {len(known)}, expected more than the {unseen} that training does not see.'
        )
    left_out = [name for name in known if name.replace('_', ' ') in PAPER_UNSEEN][:unseen]
    others = [name for name in known if name not in left_out]
    left_out += rng.choice(others, unseen - len(left_out), replace=False).tolist()
    test_unseen = {video for video, names in categories.items() if not set(names).isdisjoint(left_out)}
    train = set(categories) - test_unseen
    val_videos, test_seen = set[str](), set[str]()
    for category in others:
        if category in left_out:
            continue
        free = sorted(video for video in train if category in categories[video])
        if len(free) <= val + test:
            raise AnnotationError(
                f'category {category!r}: {len(free)} videos are left for it, expected more than {val} for '
                f'validation and {test} for testing.'
            )
        drawn = rng.permutation(free)[: val + test].tolist()
        val_videos.update(drawn[:val])
        test_seen.update(drawn[val:])
        train.difference_update(drawn)
    parts = (train, val_videos, test_seen | test_unseen, test_seen, test_unseen, left_out)
    return YouTubeVOSSplit(*map(sorted, parts))
