"""Checkpoints that are whole or not there."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend, register_backend
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner

from ...atomic import atomic_path
from ...errors import ConfigError
from ...registry import HOOKS
from ..resume import LAST
from ..stop_signals import TrainingStopped

BACKEND = 'vosplug.atomic'


class AtomicBackend(LocalBackend):
    """mmengine's local files, each written whole and to the disk before it gets its name."""

    def put(self, obj: bytes | io.BytesIO, filepath: str | Path) -> None:
        """Write a file.

        Raises:
            OutputError: it cannot be written, for example since the disk is full.
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

    ``last_checkpoint`` has the name of the newest one without its folder, so that a work dir can be moved.

    Args:
        backend_args: of mmengine's file backends; None: local files, written atomically.
        kwargs: of mmengine's ``CheckpointHook``.
    """

    def __init__(self, *args, backend_args: dict | None = None, **kwargs) -> None:
        super().__init__(*args, backend_args=backend_args or dict(backend=BACKEND), **kwargs)

    def before_train(self, runner: Runner) -> None:
        """Check that checkpoints fall between two steps of the optimizer, and see mmengine.

        Raises:
            ConfigError: gradients are accumulated over another number of iterations.
        """
        accumulated = getattr(runner.optim_wrapper, '_accumulative_counts', 1)
        if not self.by_epoch and self.interval > 0 and self.interval % accumulated:
            raise ConfigError(
                f'default_hooks.checkpoint.interval: found {self.interval}, expected a multiple of '
                f'optim_wrapper.accumulative_counts={accumulated}, since a checkpoint has no gradients.'
            )
        super().before_train(runner)

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: Sequence | None = None
    ) -> None:
        """Save on time, and where training was asked to stop.

        Raises:
            TrainingStopped: after saving.
        """
        super().after_train_iter(runner, batch_idx, data_batch, outputs)
        request = getattr(runner.train_loop, 'stop', None)
        number = request.agreed() if request else 0
        stepped = getattr(runner.optim_wrapper, 'should_update', lambda: True)()
        if not number or not stepped or self.is_last_train_iter(runner):
            return
        name = self.filename_tmpl.format(runner.iter + 1)
        if self.last_ckpt is None or Path(self.last_ckpt).name != name:
            self._save_checkpoint(runner)
        raise TrainingStopped(number, f'{name} in {self.out_dir} is where --resume continues')

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        super()._save_checkpoint_with_step(runner, step, meta)
        if is_main_process():
            saved, folder = Path(self.last_ckpt), Path(runner.work_dir)
            name = saved.name if saved.parent == folder else saved
            AtomicBackend().put_text(f'{name}\n', folder / LAST)
