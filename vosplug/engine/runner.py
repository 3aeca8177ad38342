"""Builds Runners from configs and command lines, for tools/train.py and tools/test.py."""

import gc
import traceback
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist
from mmengine.config import Config, ConfigDict
from mmengine.dist import get_world_size, init_dist, is_distributed
from mmengine.logging import print_log

from ..config import config_errors
from ..errors import ConfigError, VOSError
from ..registry import short_name
from .resume import LAST, saved_checkpoints
from .video_runner import VideoRunner


def prepare(cfg: Config, args: Namespace) -> Config:
    """Apply the command line: work dir, launcher, process group."""
    cfg.launcher = args.launcher
    if args.work_dir is not None:
        cfg.work_dir = args.work_dir
    elif cfg.get('work_dir') is None:
        cfg.work_dir = str(Path('work_dirs') / Path(cfg.filename).stem)
    if args.launcher != 'none' and not torch.cuda.is_available():
        # mmengine would call torch.cuda.set_device; an existing process group is kept
        if not is_distributed():
            dist.init_process_group('gloo')
        cfg.setdefault('model_wrapper_cfg', dict(type='MMDistributedDataParallel', device_ids=None))
    return cfg


@contextmanager
def worker_errors() -> Iterator[None]:
    """Turn the death of a data loader's worker into an error that says what to do; its VOSErrors are kept.

    Raises:
        VOSError: a worker was killed, crashed, or raised a VOSError.
    """
    try:
        yield
    except VOSError as error:
        raise _without_traceback(error) from error
    except (RuntimeError, OSError, EOFError) as error:
        if _in_transfer(error):
            what = 'DataLoader worker: the connection to it was lost.'
        elif str(error).startswith('DataLoader worker'):
            what = ' '.join(str(error).split())
        else:
            raise
        raise VOSError(
            f'{what} A process that reads data was killed or crashed, most often for lack of memory. Lower '
            'num_workers or batch_size of the data loader, or give the machine more memory; a bus error '
            'means shared memory (docker run --shm-size). Then use --resume.'
        ) from error


def _in_transfer(error: BaseException) -> bool:
    """Whether the error arose while receiving shared memory from a process that has died."""
    files = (Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__))
    return any(file.parts[-2:] == ('multiprocessing', 'resource_sharer.py') for file in files)


def _without_traceback(error: VOSError) -> VOSError:
    """The error as the worker raised it, without the traceback that PyTorch adds to its message."""
    kind = type(error)
    start = f'{kind.__module__}.{kind.__qualname__}: '
    text = str(error)
    return kind(text.rpartition(start)[2].rstrip()) if text.startswith('Caught ') and start in text else error


def end_processes() -> None:
    """Synchronise the processes of a run and destroy their group; their Runner must be gone.

    gloo's threads abort a process that ends while they still serve another one or hold Python objects. They
    end with the group, which lives as long as a model that is wrapped for it.
    """
    if is_distributed():
        dist.barrier()
        gc.collect()  # hooks, loops and their Runner refer to each other
        dist.destroy_process_group()


def resume_latest(cfg: Config) -> None:
    """Resume from the work dir's latest checkpoint; without one, training starts as configured.

    mmengine would resume from ``load_from`` as if it were a checkpoint of the same training.
    """
    cfg.resume = bool(saved_checkpoints(cfg.work_dir)) or Path(cfg.work_dir, LAST).exists()
    if cfg.resume:
        cfg.load_from = None


def use_amp(cfg: Config) -> None:
    """Enable mixed precision on GPUs; a CPU trains in float32, since mmengine's AMP wrapper needs a GPU."""
    if not torch.cuda.is_available():
        print_log('--amp: no GPU found, training in float32.', logger='current')
        return
    cfg.optim_wrapper.type = 'AmpOptimWrapper'
    cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')


def share_batch(cfg: Config) -> None:
    """Divide ``total_batch_size``, the batch of a recipe, among the processes of a training.

    mmengine's ``train_dataloader.batch_size`` is that of each process: N processes would train with N times
    the recipe's batch. In a config with ``total_batch_size`` both are the same number, that of one process;
    a config without it is left alone.

    Raises:
        ConfigError: the total cannot be divided, or ``train_dataloader.batch_size`` gives another total.
    """
    total = cfg.get('total_batch_size')
    if total is None or not cfg.get('train_dataloader'):
        return
    if cfg.launcher != 'none' and not is_distributed():
        init_dist(cfg.launcher, **cfg.get('env_cfg', {}).get('dist_cfg', {}))
    processes, each = get_world_size(), cfg.train_dataloader.get('batch_size', 1)
    if each == total:
        if total % processes:
            raise ConfigError(
                f'{cfg.filename}: total_batch_size={total} cannot be divided among {processes} processes. '
                'Start a number of processes that divides it, or set both total_batch_size and '
                'train_dataloader.batch_size (that of each process).'
            )
        cfg.train_dataloader.batch_size = each = total // processes
    if each * processes != total:
        raise ConfigError(
            f'{cfg.filename}: train_dataloader.batch_size={each} on {processes} processes is not '
            f'total_batch_size={total}. To train with a different batch size than the recipe, set both.'
        )
    print_log(f'total_batch_size={total}: {each} on each of {processes} processes.', logger='current')


def build_runner(cfg: Config) -> VideoRunner:
    """Build the Runner; wrong keys raise as in :func:`~vosplug.config.config_errors`.

    ``model.initializer`` also initializes training clips.
    """
    _start_clips_as_streams(cfg)
    with config_errors(cfg):
        runner = VideoRunner.from_cfg(cfg)
    runner.logger.info(runner.summary())
    return runner


def _start_clips_as_streams(cfg: Config) -> None:
    """Let the model's initializer make the start masks of training clips from boxes."""
    initializer = dict(cfg.model.get('initializer') or dict(type='FilledBoxInitializer'))
    if short_name(initializer['type']) == 'FilledBoxInitializer' or not cfg.get('train_dataloader'):
        return
    initializer.pop('refine', None)  # the model itself refines
    _start_clips_with(initializer, cfg.train_dataloader.dataset, None)


def _start_clips_with(initializer: dict, dataset: ConfigDict, outer: Mapping | None) -> None:
    """Put the initializer into the pipelines of a dataset, or of those inside a wrapper (combined, repeated).

    Args:
        initializer: config of a box-to-mask model.
        dataset: config of the dataset.
        outer: ``pipeline_options`` that a wrapper shares.
    """
    options = dict(dataset.get('pipeline_options', outer) or {})
    inner = dataset.get('datasets', [dataset.dataset] if 'dataset' in dataset else [])
    for part in inner.values() if isinstance(inner, Mapping) else inner:
        _start_clips_with(initializer, part, options)
    if not inner:
        options = {short_name(kind): changed for kind, changed in options.items()}
        options['StartMasks'] = dict(box_to_mask=initializer) | dict(options.get('StartMasks') or {})
        dataset.pipeline_options = options
