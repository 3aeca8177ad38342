"""The Runner for training and testing."""

import logging
import platform
from importlib.metadata import version
from typing import Any

import torch
from mmengine.logging import MMLogger
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import nn

from ..errors import CheckpointError
from ..models.build import check_module
from ..version import __version__

# not shown on a terminal: mmengine's reports on every key and parameter, and its own deprecations
_ONLY_IN_FILE = (
    'Config:',
    'Hooks will be executed in the following order',
    'Distributed training is not used, all SyncBatchNorm',
    'paramwise_options',
    '"FileClient" will be deprecated',
    '"HardDiskBackend" is the alias',
    'System environment:',
)


def unwrapped(model: nn.Module) -> Any:
    """A runner's model, without a wrapper for distributed training."""
    return model.module if is_model_wrapper(model) else model


class VideoRunner(Runner):
    """mmengine's Runner; its log file has environment and config, the terminal a short summary."""

    def build_logger(self, *args, **kwargs) -> MMLogger:
        """See mmengine."""
        logger = super().build_logger(*args, **kwargs)
        for handler in logger.handlers:
            if not isinstance(handler, logging.FileHandler):
                handler.addFilter(_is_for_terminal)
        return logger

    def wrap_model(self, model_wrapper_cfg: dict | None, model: nn.Module) -> nn.Module:
        """See mmengine.

        Raises:
            ConfigError: the config's model is not a module.
        """
        check_module(model)
        return super().wrap_model(model_wrapper_cfg, model)

    def load_checkpoint(
        self, filename: str, map_location: str = 'cpu', strict: bool = False, **kwargs
    ) -> dict:
        """See mmengine; a resumed training needs all weights of its model.

        Raises:
            CheckpointError: the training to resume belongs to another model.
        """
        try:
            return super().load_checkpoint(filename, map_location, strict or self._resume, **kwargs)
        except RuntimeError as error:
            if not self._resume:
                raise
            raise CheckpointError(
                f'{filename}: belongs to another model than the config, and cannot be resumed with it. '
                f'Choose another work dir (--work-dir), or use the config of that training. {error}'
            ) from None

    def summary(self) -> str:
        """Model, devices, seed, versions and log file of the run."""
        millions = sum(p.numel() for p in self.model.parameters()) / 1e6
        device = torch.cuda.get_device_name() if torch.cuda.is_available() else 'CPU'
        name = type(unwrapped(self.model)).__name__
        return (
            f'{name}, {millions:.2f} M parameters, {self.world_size} x {device}, seed '
            f'{self.seed}; vosplug {__version__}, Python {platform.python_version()}, PyTorch '
            f'{version("torch")}. Environment and config: {self.logger.log_file}'
        )


def _is_for_terminal(record: logging.LogRecord) -> bool:
    return not record.getMessage().lstrip('\n-').startswith(_ONLY_IN_FILE)
