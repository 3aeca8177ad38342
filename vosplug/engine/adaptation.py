"""Fine-tuning to one object, after which the network is as it was."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from mmengine.model import BaseModel
from mmengine.optim import build_optim_wrapper
from torch import nn


@contextmanager
def fine_tuned(
    model: BaseModel, draw: Callable[[], dict], steps: int, batch_size: int, optim_wrapper: dict
) -> Iterator[BaseModel]:
    """Inside, ``model`` is fine-tuned; after it, its weights are what they were, whatever happened.

    Normalisation keeps its statistics: one object's would not be those of images.

    Args:
        model: what is trained; its device is used.
        draw: gives one training sample, ``dict(inputs=..., data_samples=...)``.
        steps: of the optimizer.
        batch_size: samples per step.
        optim_wrapper: config.
    """
    kept = {key: value.detach().clone() for key, value in model.state_dict().items()}
    was_training = model.training
    try:
        optimizer = build_optim_wrapper(model, optim_wrapper)
        model.train()
        _freeze_statistics(model)
        for _ in range(steps):
            samples = [draw() for _ in range(batch_size)]
            batch = {key: [sample[key] for sample in samples] for key in samples[0]}
            model.train_step(batch, optimizer)
        model.eval()
        yield model
    finally:
        model.load_state_dict(kept)
        model.train(was_training)


def _freeze_statistics(model: nn.Module) -> None:
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()


@contextmanager
def seeded(*names: object) -> Iterator[None]:
    """Inside, random numbers follow from the names alone; after it, the generators go on as before."""
    seed = zlib.crc32(repr(names).encode())
    state = np.random.get_state()
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []
    with torch.random.fork_rng(devices):
        try:
            torch.manual_seed(seed)
            np.random.seed(seed)
            yield
        finally:
            np.random.set_state(state)
