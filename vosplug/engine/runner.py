"""Config and command line to a Runner; what tools/train.py and tools/test.py share."""

import difflib
import inspect
import traceback
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist
from mmengine.config import Config
from mmengine.dist import is_distributed
from mmengine.logging import print_log
from mmengine.runner import Runner, find_latest_checkpoint

from ..errors import ConfigError
from ..paths import find_config
from .checkpoint import use_safe_checkpoints

# keys that from_cfg or the tools read besides the Runner's own arguments
_EXTRA_KEYS = {'compile', 'auto_scale_lr', 'data_preprocessor', 'custom_imports', 'seed'}


def load_config(path: str, options: dict | None = None) -> Config:
    """Read a config and apply ``--cfg-options``.

    Raises:
        ConfigError: no such file, a file that does not parse, or a key nobody reads.
    """
    path = find_config(path)
    try:
        cfg = Config.fromfile(path)
    except Exception as error:  # a config is code, so anything may happen in it
        raise ConfigError(f'{path}: cannot be read as a config ({type(error).__name__}: {error}).') from error
    known = set(inspect.signature(Runner.__init__).parameters) - {'self', 'cfg'} | _EXTRA_KEYS
    for key in {name.split('.')[0] for name in options or {}} - known - set(cfg.keys()):
        close = difflib.get_close_matches(key, known | set(cfg.keys()), 1)
        raise ConfigError(
            f'--cfg-options {key}=...: {path} has no key {key!r}.'
            + (f' Did you mean {close[0]!r}?' if close else '')
        )
    for key in set(cfg.keys()) - known:
        close = difflib.get_close_matches(key, known, 1, cutoff=0.8)
        if close:
            raise ConfigError(f'{path}: unknown key {key!r}. Did you mean {close[0]!r}?')
    if options:
        cfg.merge_from_dict(options)
    return cfg


def prepare(cfg: Config, args: Namespace) -> Config:
    """Settle what the command line says: working folder, launcher, process group, safe checkpoints."""
    use_safe_checkpoints()
    cfg.launcher = args.launcher
    if args.work_dir is not None:
        cfg.work_dir = args.work_dir
    elif cfg.get('work_dir') is None:
        cfg.work_dir = str(Path('work_dirs') / Path(cfg.filename).stem)
    if args.launcher != 'none' and not torch.cuda.is_available():
        # mmengine would call torch.cuda.set_device; a group that exists already is left alone
        if not is_distributed():
            dist.init_process_group('gloo')
        cfg.model_wrapper_cfg = dict(type='MMDistributedDataParallel', device_ids=None)
    return cfg


def go_on(cfg: Config) -> None:
    """Resume from the work dir's last checkpoint; where there is none, training starts as the config says.

    mmengine would resume from ``load_from``, as if that were the same training.
    """
    cfg.resume = find_latest_checkpoint(cfg.work_dir) is not None
    if cfg.resume:
        cfg.load_from = None


def use_amp(cfg: Config) -> None:
    """Mixed precision on GPUs; a CPU trains in float32, since mmengine's AMP wrapper needs a GPU."""
    if not torch.cuda.is_available():
        print_log('--amp: no GPU found, training in float32.', logger='current')
        return
    cfg.optim_wrapper.type = 'AmpOptimWrapper'
    cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')


@contextmanager
def naming_config(cfg: Config) -> Iterator[None]:
    """Around whatever builds components: name the config file where one of its keys is wrong.

    mmengine builds loops, datasets and metrics when a run starts, so this goes around ``runner.train()``
    too. Errors of running code pass through with their own type and traceback.

    Raises:
        ConfigError: a component does not exist or does not take a key it was given.
    """
    where = cfg.filename or 'config'
    try:
        yield
    except ConfigError as error:
        if str(error).startswith(str(where)):
            raise
        raise ConfigError(f'{where}: {error}') from error
    except (TypeError, KeyError) as error:
        if not _is_build_error(error):
            raise
        reason = str(error.args[0]).split(' Please check')[0]
        raise ConfigError(f'{where}: {reason}') from error


def _is_build_error(error: TypeError | KeyError) -> bool:
    """Whether a config names an unknown component, or a key that its component does not take."""
    frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, KeyError):
        return frames[-1] == 'build_from_cfg'
    wrong_call = '__init__() got an unexpected' in str(error) or '__init__() missing' in str(error)
    return wrong_call and not {'build_from_cfg', 'build_dataloader'}.isdisjoint(frames)


def build_runner(cfg: Config) -> Runner:
    """Build the Runner; wrong keys raise as in :func:`naming_config`."""
    with naming_config(cfg):
        return Runner.from_cfg(cfg)
