"""Training a copy of a model on a few annotated frames."""

import copy
import random
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from mmengine.model import BaseModel
from mmengine.optim import BaseOptimWrapper, build_optim_wrapper
from torch import nn

from ...errors import AnnotationError, ConfigError
from ...progress import logged_steps
from ...registry import OPTIM_WRAPPERS, PARAM_SCHEDULERS
from ...structures import Supervision, boxes_of_mask

TRIES = 100  # augmentations of a frame to try until one keeps some of its objects


def adapted_copy(
    model: BaseModel,
    samples: Iterator[dict],
    steps: int,
    batch_size: int,
    optim_wrapper: dict,
    param_scheduler: dict | Sequence[dict] = (),
    parts: Sequence[str] | None = None,
) -> BaseModel:
    """A trained copy of a model; the model itself is unchanged.

    Training that takes more than a few seconds logs its progress. Normalisation keeps its statistics: those
    of a few frames would not be representative. Training is the same under the caller's autocast, inference
    mode or ``no_grad``; an ``AmpOptimWrapper`` sets its own precision.

    Args:
        model: on the device where its copy is trained.
        samples: endless training samples, ``dict(inputs=..., data_samples=...)``.
        steps: of the optimizer.
        batch_size: samples per step.
        optim_wrapper: config.
        param_scheduler: mmengine's config of one or several schedulers, which count steps; ``end`` is
            ``steps`` unless it is given.
        parts: names of the modules or parameters that are trained, such as ``'decode_head'``; None: all.

    Returns:
        BaseModel: in eval mode.

    Raises:
        ConfigError: a part that the model does not have.
    """
    device = next(model.parameters()).device.type
    with torch.inference_mode(False), torch.enable_grad(), torch.autocast(device, enabled=False):
        tuned = copy.deepcopy(model)
        _freeze_all_but(tuned, parts)
        optimizer = build_optim_wrapper(tuned, OPTIM_WRAPPERS.with_class(dict(optim_wrapper)))
        schedulers = _build_schedulers(param_scheduler, optimizer, steps)
        tuned.train()
        _freeze_statistics(tuned)
        for _ in logged_steps(f'{type(model).__name__}: training a copy on annotated frames', steps):
            drawn = [next(samples) for _ in range(batch_size)]
            tuned.train_step({key: [sample[key] for sample in drawn] for key in drawn[0]}, optimizer)
            for scheduler in schedulers:
                scheduler.step()
            torch.clear_autocast_cache()  # an inner autocast leaves casts of the weights from before the step
    tuned.zero_grad(set_to_none=True)
    return tuned.eval()


def _freeze_all_but(model: nn.Module, parts: Sequence[str] | None) -> None:
    if parts is None:
        return
    names = [name for name, _ in model.named_parameters()]
    missing = [part for part in parts if not any(f'{name}.'.startswith(f'{part}.') for name in names)]
    if missing:
        children = [name for name, _ in model.named_children()]
        raise ConfigError(f'parts: {type(model).__name__} has no parameters in {missing}; it has {children}.')
    for name, parameter in model.named_parameters():
        trained = any(f'{name}.'.startswith(f'{part}.') for part in parts)
        parameter.requires_grad_(trained and parameter.requires_grad)


def _build_schedulers(configs: dict | Sequence[dict], optimizer: BaseOptimWrapper, steps: int) -> list[Any]:
    configs = [configs] if isinstance(configs, dict) else configs
    return [
        PARAM_SCHEDULERS.build({'end': steps, **config}, default_args=dict(optimizer=optimizer))
        for config in (configs if steps else ())
    ]


def _freeze_statistics(model: nn.Module) -> None:
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()


def still_clip(image: np.ndarray, id_mask: np.ndarray, objects: int, length: int, name: str) -> dict:
    """A clip that repeats one frame, as input of the transforms.

    Args:
        image: uint8 (H, W, 3) BGR.
        id_mask: uint8 (H, W), 1..``objects``; 255 void.
        objects: number of slots.
        length: frames of the clip.
        name: of the frame, for messages.
    """
    boxes, visible = np.zeros((length, objects, 4), np.float32), np.zeros((length, objects), bool)
    for object_id, box in boxes_of_mask(id_mask).items():
        boxes[:, object_id - 1], visible[:, object_id - 1] = box, True
    return dict(
        imgs=[image.copy() for _ in range(length)],
        id_masks=[id_mask.copy() for _ in range(length)],
        boxes=boxes,
        visible=visible,
        supervision=np.full((length, objects), int(Supervision.MASK)),
        annotated=np.ones(length, bool),
        object_ids=list(range(1, objects + 1)),
        video_name=name,
        frame_names=[name] * length,
    )


def augmented_samples(
    pipeline: Callable[[dict], dict | None], clips: Mapping[str, Callable[[], dict]]
) -> Iterator[dict]:
    """Endless augmented samples of some frames, drawn at random.

    Args:
        pipeline: transforms, up to packing; returns None if nothing of the objects is left in the frame.
        clips: name of a frame -> a fresh clip of it.

    Raises:
        AnnotationError: nothing is left of a frame's objects after any of the augmentations tried.
    """
    names = list(clips)
    while True:
        name = names[np.random.randint(len(names))]
        tried = (pipeline(clips[name]()) for _ in range(TRIES))
        sample = next((s for s in tried if s is not None and _shows_something(s)), None)
        if sample is None:
            raise AnnotationError(
                f'{name}: no object is left in the frame after any of {TRIES} augmentations. Use weaker '
                'augmentations in the adaptation pipeline.'
            )
        yield sample


def sample_pool(
    pipeline: Callable[[dict], dict | None],
    clips: Mapping[str, Callable[[], dict]],
    size: int,
    name: object,
) -> Iterator[dict]:
    """Endless passes, each in random order, over a fixed number of samples of :func:`augmented_samples`.

    Sample k depends on ``name`` and k alone, and is recomputed in every pass: none is stored.

    Args:
        pipeline: see :func:`augmented_samples`.
        clips: likewise.
        size: number of samples.
        name: part of their seeds.

    Raises:
        AnnotationError: see :func:`augmented_samples`.
    """
    while True:
        for k in np.random.permutation(size).tolist():
            with seeded(name, k):
                sample = next(augmented_samples(pipeline, clips))
            yield sample


def _shows_something(sample: dict) -> bool:
    valid = sample['data_samples'].get('valid')
    return valid is None or bool(valid.any())


@contextmanager
def seeded(*names: object) -> Iterator[None]:
    """Seed all random number generators from the names alone; afterwards they continue as before."""
    seed = zlib.crc32(repr(names).encode())
    states = np.random.get_state(), random.getstate()
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []
    with torch.random.fork_rng(devices):
        try:
            torch.manual_seed(seed)
            np.random.seed(seed)
            random.seed(seed)
            yield
        finally:
            np.random.set_state(states[0])
            random.setstate(states[1])
