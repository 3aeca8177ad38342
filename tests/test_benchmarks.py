"""The benchmark of the box losses compares like with like: its version with unfold is a second opinion."""

import runpy
from pathlib import Path

import pytest
import torch

BENCHMARK = runpy.run_path(str(Path(__file__).parents[1] / 'benchmarks' / 'box_losses.py'))


def check(stride: int, clip: tuple[torch.Tensor, ...]) -> None:
    """Both losses, one by one, so that neither hides the other."""
    for name in BENCHMARK['LOSSES']:
        BENCHMARK['check'](BENCHMARK['build_versions']([name], stride), clip)


@pytest.mark.parametrize(('stride', 'objects', 'box'), [(1, 1, 0.5), (1, 2, 1.0), (2, 3, 0.4), (4, 1, 0.7)])
def test_losses_equal_the_version_with_unfold(stride, objects, box):
    check(stride, BENCHMARK['generated_clip'](4, objects, (40, 56), box))


def test_losses_equal_the_version_with_unfold_beside_padding():
    logits, boxes, images = BENCHMARK['generated_clip'](3, 2, (40, 56), 0.8)
    images[..., 30:, :] = images[..., 50:] = torch.nan
    check(1, (logits, boxes, images))


def test_versions_that_differ_are_not_compared():
    clip = BENCHMARK['generated_clip'](2, 1, (24, 32), 0.5)
    ours = BENCHMARK['build_versions'](['pairwise'], 1)['vosplug']
    with pytest.raises(AssertionError):
        BENCHMARK['check'](dict(vosplug=ours, unfold=lambda *clip: 2 * ours(*clip)), clip)
