"""Schedule of the frame gap of training clips."""

from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.runner import Runner

from ...errors import ConfigError
from ...registry import HOOKS
from .clip_samplers import clip_samplers


@HOOKS.register_module()
class ClipGapHook(Hook):
    """Changes ``clip_sampler.max_gap`` of all training datasets at fractions of the training.

    The change also reaches running data loader workers; clips that they have prefetched keep the old gap.

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

    def gap(self, done: int, total: int) -> int:
        """The gap after ``done`` of ``total`` iterations."""
        return [gap for fraction, gap in self.gaps if done >= fraction * total][-1]

    def before_train(self, runner: Runner) -> None:
        """Set the gap of the iteration that training starts or resumes with."""
        self._samplers = clip_samplers(runner, type(self).__name__)
        self._set(runner)

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        """Change the gap when scheduled."""
        self._set(runner)

    def _set(self, runner: Runner) -> None:
        gap = self.gap(runner.iter, runner.max_iters)
        if any(sampler.max_gap != gap for sampler in self._samplers):
            runner.logger.info(f'ClipGapHook: iteration {runner.iter}, clip gap up to {gap} frames')
        for sampler in self._samplers:
            sampler.max_gap = gap
