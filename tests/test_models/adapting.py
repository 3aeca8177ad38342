"""Small models that adapt online, and views into their streams, for tests of online adaptation."""

import random
from contextlib import contextmanager

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.registry import init_default_scope
from small_models import small_stm
from small_videos import mask_prompts, moving_squares

from vosplug.errors import VOSError
from vosplug.registry import MODELS, TRANSFORMS
from vosplug.structures import ObjectPrompt

FRAMES, MASKS = moving_squares(frames=6)
FIRST = {0: mask_prompts(MASKS[0])}
FIRST_OF_TWO = [ObjectPrompt(1, mask=MASKS[0] == 1)]
AUGMENTED = [
    dict(type='ClipRandomFlip', prob=0.5),
    dict(type='ClipRandomAffine', degrees=5, scale=(0.9, 1.1), shear=0, shift=0.05, jitter=0.5),
    dict(type='PackClip'),
]
ONLINE = dict(
    type='OnlineAdapter',
    steps=3,
    optim_wrapper=dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=3e-3)),
    pipeline=AUGMENTED,
)
SEEN: list[dict] = []


class Seen(BaseTransform):
    """Writes down the clips it is given."""

    def transform(self, results: dict) -> dict:
        mask = results['id_masks'][0]
        SEEN.append(
            dict(
                frame=int(results['video_name'].split()[-1]),
                ids=results['object_ids'],
                labels=sorted(map(int, np.unique(mask))),
                mask=mask.copy(),
                length=len(results['imgs']),
            )
        )
        return results


class Fails(BaseTransform):
    """Works twice."""

    def transform(self, results: dict) -> dict:
        SEEN.append(results)
        if len(SEEN) > 2:
            raise VOSError('a transform failed')
        return results


def register() -> None:
    """Forget what was seen, and make the transforms known."""
    SEEN.clear()
    for cls in (Seen, Fails):
        TRANSFORMS.register_module(module=cls, force=True)


def build(config=small_stm, test_cfg: dict | None = None, initializer: dict | None = None, **online):
    """A model with random weights, the same at every call; ``online=None`` for no adaptation."""
    init_default_scope('vosplug')
    options = None if online == dict(online=None) else ONLINE | online
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = MODELS.build(
            {**config(), 'test_cfg': dict(online=options, **(test_cfg or {})), 'initializer': initializer}
        )
        model.init_weights()
    return model.eval()


def watching(**online):
    """A model that writes down the clips its copies learn from."""
    return build(pipeline=[dict(type='Seen'), dict(type='PackClip')], **online)


def probs(model, prompts=FIRST, frames=FRAMES) -> np.ndarray:
    return np.stack([r.probs for r in model.stream(frames, prompts, return_probs=True)])


@contextmanager
def trackers_of(model):
    """The trackers of the streams that are opened inside."""
    found, attach = [], model.online.attach
    model.online.attach = lambda *args: found.append(attach(*args)) or found[-1]
    yield found
    del model.online.attach


def weights(model) -> dict[str, torch.Tensor]:
    return {key: value.clone() for key, value in model.state_dict().items()}


def everything(model) -> list:
    """Weights, modes, what is trained and its gradients; and the state of all random numbers."""
    numbers = [torch.get_rng_state().tolist(), np.random.get_state()[1].tolist(), random.getstate()]
    return [
        {key: value.numpy().tobytes() for key, value in model.state_dict().items()},
        {name: module.training for name, module in model.named_modules()},
        {name: (p.requires_grad, p.grad is None) for name, p in model.named_parameters()},
        numbers,
    ]


def frames_seen() -> list[int]:
    """Frames of the clips that copies learnt from, in order."""
    return [clip['frame'] for clip in SEEN]
