"""Schedule of the frame gap of training clips."""

import math
from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.runner import Runner

from ...errors import ConfigError
from ...registry import HOOKS
from .clip_samplers import clip_samplers


@HOOKS.register_module()
class ClipGapHook(Hook):
    """Changes ``clip_sampler.max_gap`` of all training datasets at fractions of the training.

    Clips that data loader workers prefetch have the gap of their own iteration.

    Args:
        gaps: (fraction of all iterations, gap in source frames) pairs; the first fraction is 0.

    Raises:
        ConfigError: fractions that do not increase from 0, a gap below 1, or no dataset with a clip sampler.
    """

    def __init__(self, gaps: Sequence[tuple[float, int]]) -> None:
        fractions = [fraction for fraction, _ in gaps]
        if not gaps or fractions[0] != 0 or sorted(set(fractions)) != fractions or fractions[-1] >= 1:
            raise ConfigError(
                f'ClipGapHook.gaps: found fractions {fractions}, expected them to increase from 0 to below 1.'
            )
        if min(gap for _, gap in gaps) < 1:
            raise ConfigError(f'ClipGapHook.gaps: found {list(gaps)}, expected gaps of 1 or more.')
        self.gaps = gaps

    def changes(self, total: int) -> dict[int, int]:
        """Iteration from which a gap holds -> gap, in a training of ``total`` iterations."""
        return {math.ceil(fraction * total): gap for fraction, gap in self.gaps}

    def before_train(self, runner: Runner) -> None:
        """Schedule the gaps."""
        for sampler in clip_samplers(runner, type(self).__name__):
            for iteration, gap in self.changes(runner.max_iters).items():
                sampler.change(iteration, max_gap=gap)

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        """Log a change."""
        gap = self.changes(runner.max_iters).get(runner.iter)
        if gap is not None:
            runner.logger.info(f'ClipGapHook: iteration {runner.iter}, clip gap up to {gap} frames')
