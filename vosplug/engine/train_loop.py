"""Training loop whose result does not depend on interruptions."""

from collections.abc import Sequence

from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import IterBasedTrainLoop, Runner
from torch import nn
from torch.utils.data import DataLoader

from ..datasets.draws import PlacedSampler, seed_draws, seeded_dataloader
from ..registry import LOOPS
from .resume import choose_start
from .stop_signals import StopRequest, stop_on_signals

_MODEL_DRAWS = 1  # tells the model's draws from those of the data


@LOOPS.register_module()
class VideoTrainLoop(IterBasedTrainLoop):
    """mmengine's iteration-based training loop, with random draws that do not depend on history.

    Every clip and its augmentation are a function of the run's seed and the clip's place in training; the
    model's draws are a function of seed, iteration and process. A resumed training is therefore bit-identical
    to an uninterrupted one, with any number of data workers (on a CPU; GPU kernels may add in any order).

    It resumes from the last checkpoint, or the newest intact one; a validation that is due there comes first,
    since checkpoints are saved before the validation of their iteration. SIGINT and SIGTERM are requests to
    stop: :class:`~.hooks.AtomicCheckpointHook` saves and raises :class:`~.stop_signals.TrainingStopped`.

    Args:
        runner: runner of the training.
        dataloader: mmengine's config; a built DataLoader keeps its own draws.
        kwargs: of mmengine's ``IterBasedTrainLoop``.

    Raises:
        ConfigError: a dataloader without dataset or sampler.
        CheckpointError: the run resumes, and no checkpoint is intact.
    """

    stop: StopRequest

    def __init__(self, runner: Runner, dataloader: DataLoader | dict, **kwargs) -> None:
        choose_start(runner)
        if isinstance(dataloader, dict):
            dataloader = seeded_dataloader(dataloader, runner.seed)
        super().__init__(runner, dataloader, **kwargs)

    def run(self) -> nn.Module:
        """See mmengine."""
        self.runner.register_hook(_DueValidation())
        if self.fast_forward_on_resume and isinstance(self.dataloader.sampler, PlacedSampler):
            self.dataloader.sampler.place(self._iter)
        with stop_on_signals() as self.stop:
            try:
                return super().run()
            finally:
                self._end_workers()

    def validate_if_due(self) -> None:
        """Validate at the iteration that training resumes from, if the schedule says so."""
        self._decide_current_val_interval()
        scheduled = self._iter >= self.val_begin and (
            self._iter % self.val_interval == 0 or self._iter == self._max_iters
        )
        if self._iter and self.runner.val_loop is not None and scheduled:
            self.runner.logger.info(
                f'Validating iteration {self._iter}: its checkpoint was saved before its validation'
            )
            self.runner.val_loop.run()

    def _end_workers(self) -> None:
        """Shut down the data workers, also persistent ones, since they do not react to signals at once."""
        workers = self.dataloader_iterator._iterator
        if hasattr(workers, '_shutdown_workers'):
            workers._shutdown_workers()
        self.dataloader_iterator._iterator = self.dataloader._iterator = None

    def run_iter(self, data_batch: Sequence[dict]) -> None:
        """See mmengine."""
        seed_draws(self.runner.seed, self._iter, get_rank(), _MODEL_DRAWS)
        super().run_iter(data_batch)


class _DueValidation(Hook):
    """Runs the validation that is due before the first iteration of a training that resumes."""

    priority = 'LOWEST'

    def before_train_epoch(self, runner: Runner) -> None:
        """See mmengine."""
        runner.train_loop.validate_if_due()
