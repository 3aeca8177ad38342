"""Checkpoints that are written atomically: complete or not at all."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend, register_backend
from mmengine.hooks import CheckpointHook, EMAHook
from mmengine.runner import IterBasedTrainLoop, Runner

from ...atomic import atomic_path, remove_partials
from ...config import check_arguments
from ...errors import ConfigError
from ...registry import HOOKS
from ...structures import FrameResult, VideoSample
from ..resume import LAST, saved_checkpoints
from ..stop_signals import TrainingStopped

BACKEND = 'vosplug.atomic'


class AtomicBackend(LocalBackend):
    """mmengine's local files, each completely written to disk before it gets its name."""

    def put(self, obj: bytes | io.BytesIO, filepath: str | Path) -> None:
        """Write a file.

        Raises:
            OutputError: the file cannot be written, for example because the disk is full.
        """
        with atomic_path(filepath, durable=True) as partial:
            partial.write_bytes(obj.getbuffer() if isinstance(obj, io.BytesIO) else obj)

    def put_text(self, obj: str, filepath: str | Path, encoding: str = 'utf-8') -> None:
        """Write a text file; see :meth:`put`."""
        self.put(obj.encode(encoding), filepath)


register_backend(BACKEND, AtomicBackend, force=True)


@HOOKS.register_module()
class AtomicCheckpointHook(CheckpointHook):
    """mmengine's checkpoints, written atomically, and one more where a signal stops the training.

    ``last_checkpoint`` names the newest one without its folder, so that a work dir can be moved.
    An outdated checkpoint is removed once the new one is written.

    Args:
        by_epoch: see mmengine's ``CheckpointHook``.
        backend_args: arguments of mmengine's file backends; None: local files, written atomically.
        kwargs: see mmengine's ``CheckpointHook``.
    """

    def __init__(self, *args, by_epoch: bool = False, backend_args: dict | None = None, **kwargs) -> None:
        check_arguments(AtomicCheckpointHook, kwargs, args=args)
        backend_args = backend_args or dict(backend=BACKEND)
        super().__init__(*args, by_epoch=by_epoch, backend_args=backend_args, **kwargs)

    def before_train(self, runner: Runner) -> None:
        """Check that checkpoints will lose nothing, and remove half-written ones; see also mmengine.

        Raises:
            ConfigError: a new training would overwrite the checkpoints of another one, gradients are
                accumulated over another number of iterations, or training by iterations counts epochs.
        """
        super().before_train(runner)
        if is_main_process():
            remove_partials(self.out_dir, '.pth')
        saved = saved_checkpoints(self.out_dir)
        if not runner.iter and saved:
            raise ConfigError(
                f'{self.out_dir}: has checkpoints already, up to {saved[0].name}, which this training would '
                'overwrite. Resume the earlier training with --resume (resume=True in a config), or choose '
                'another work dir.'
            )
        if self.by_epoch and isinstance(runner.train_loop, IterBasedTrainLoop):
            raise ConfigError(
                'default_hooks.checkpoint.by_epoch: found True, expected False: training is by iterations.'
            )
        accumulated = getattr(runner.optim_wrapper, '_accumulative_counts', 1)
        if not self.by_epoch and self.interval > 0 and self.interval % accumulated:
            raise ConfigError(
                f'default_hooks.checkpoint.interval: found {self.interval}, expected a multiple of '
                f'optim_wrapper.accumulative_counts={accumulated}, since checkpoints do not store '
                'accumulated gradients.'
            )

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Sequence | None = None
    ) -> None:
        """Save on schedule, and when training was asked to stop.

        Raises:
            TrainingStopped: after saving.
        """
        super().after_train_iter(runner, batch_idx, data_batch, outputs)
        request = getattr(runner.train_loop, 'stop', None)
        number = request.agreed() if request else 0
        if number and _has_stepped(runner) and not self.is_last_train_iter(runner):
            self._save_and_stop(runner, number, runner.iter + 1)

    def after_frame(self, runner: Runner, video: VideoSample, result: FrameResult) -> None:
        """Save when training was asked to stop during a validation, which the resumed run repeats.

        Raises:
            TrainingStopped: after saving, or without saving while gradients are being accumulated.
        """
        request = getattr(runner._train_loop, 'stop', None)  # the loop is a config in a test
        if not request or not request.number:
            return
        if not _has_stepped(runner):
            raise TrainingStopped(request.number, 'resuming continues from the last checkpoint')
        for hook in runner.hooks:
            if isinstance(hook, EMAHook):  # the model has the averages during a validation
                hook.after_val_epoch(runner)
        self._save_and_stop(runner, request.number, runner.iter)

    def _save_and_stop(self, runner: Runner, number: int, step: int) -> NoReturn:
        """Save after ``step`` iterations, unless that was done, and raise TrainingStopped."""
        name = self.filename_tmpl.format(step)
        if self.last_ckpt is None or Path(self.last_ckpt).name != name:
            self._save_checkpoint_with_step(runner, step, dict(epoch=runner.epoch, iter=step))
        raise TrainingStopped(number, f'resuming continues from {name} in {self.out_dir}')

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        outdated = None
        if self.max_keep_ckpts > 0 and len(self.keep_ckpt_ids) == self.max_keep_ckpts:
            # mmengine would remove it first, and be left with none if the disk is full
            outdated = self.keep_ckpt_ids.popleft() if self.keep_ckpt_ids[-1] != step else None
        super()._save_checkpoint_with_step(runner, step, meta)
        if is_main_process():
            saved, folder = Path(self.last_ckpt), Path(runner.work_dir)
            name = saved.name if saved.parent == folder else saved.absolute()
            AtomicBackend().put_text(f'{name}\n', folder / LAST)
            if outdated is not None:
                Path(self.out_dir, self.filename_tmpl.format(outdated)).unlink(missing_ok=True)


def _has_stepped(runner: Runner) -> bool:
    """Whether no gradients are being accumulated, which a checkpoint would not have."""
    return getattr(runner.optim_wrapper, 'should_update', lambda: True)()
