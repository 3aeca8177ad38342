"""Training examples of adapted copies: frames at the working resolution with their masks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from ...structures import ObjectPrompt
from ...structures.box_ops import VOID
from ..aggregation import soft_aggregate
from .adaptation import still_clip
from .prompt_masks import PromptMasks
from .records import Frame, Geometry


@dataclass
class Example:
    """A frame to learn from.

    Attributes:
        name: of the frame, for messages.
        image: uint8 (H, W, 3) BGR at the working resolution.
        id_mask: uint8 (H, W) of the caller's ids, 255 void.
    """

    name: str
    image: np.ndarray
    id_mask: np.ndarray


def prompted_example(
    frame: Frame, probs: Tensor, prompted: Mapping[int, ObjectPrompt], ids: Sequence[int]
) -> Example:
    """Example from the prompts of a frame; objects that are only predicted are void.

    Args:
        frame: of a view.
        probs: (N, H, W), aggregated, of all known objects.
        prompted: slot -> prompt in this frame.
        ids: slot -> object id.
    """
    slots = _distribution(frame.geometry, probs).argmax(0).cpu().numpy()
    given = np.isin(slots, [0, *(slot + 1 for slot in prompted)])
    return _example(frame.name, frame.image, frame.geometry, np.where(given, _ids(slots, ids), VOID))


def confident_example(frame: Frame, probs: Tensor, confidence: float, ids: Sequence[int]) -> Example:
    """Example from the predictions in a frame, void below ``confidence``; see :func:`prompted_example`."""
    best, slots = _distribution(frame.geometry, probs).max(0)
    sure = (best >= confidence).cpu().numpy()
    labels = np.where(sure, _ids(slots.cpu().numpy(), ids), VOID)
    return _example(frame.name, frame.image, frame.geometry, labels)


def given_example(given: PromptMasks, t: int, geometry: Geometry) -> Example:
    """Example from the prompts of frame ``t``, read from the video; other objects are background."""
    masks = {i: torch.from_numpy(geometry.to_work(p.mask)) for i, p in given.at(t).items()}
    slots = soft_aggregate(torch.stack([*masks.values()])).argmax(0).numpy()
    return _example(given.source.frame_names[t], given.source[t], geometry, _ids(slots, [*masks]))


def clips_of(examples: Sequence[Example], ids: Sequence[int], length: int) -> dict[str, Callable[[], dict]]:
    """Clips of the examples that show any of the objects, which become 1..n; others are background.

    Args:
        examples: of several for the same frame, the last one counts.
        ids: the objects.
        length: frames of a clip.

    Returns:
        dict: name of the frame -> a fresh clip of it, see :func:`still_clip`.
    """
    table = np.zeros(256, np.uint8)
    table[VOID] = VOID
    table[list(ids)] = np.arange(1, len(ids) + 1)
    masks = [table[example.id_mask] for example in examples]
    return {
        e.name: partial(still_clip, e.image, mask, len(ids), length, e.name)
        for e, mask in zip(examples, masks, strict=True)
        if np.isin(mask, (0, VOID), invert=True).any()
    }


def _example(name: str, image: np.ndarray, geometry: Geometry, id_mask: np.ndarray) -> Example:
    return Example(f'frame {name}', geometry.to_work(image), id_mask.astype(np.uint8))


def _ids(slots: np.ndarray, ids: Sequence[int]) -> np.ndarray:
    """Object ids for slots + 1, with 0 for background."""
    return np.array([0, *ids], np.uint8)[slots]


def _distribution(geometry: Geometry, probs: Tensor) -> Tensor:
    """(N+1, h, w), background first, at the working resolution without padding."""
    maps = geometry.unpad(probs)
    return torch.cat([1 - maps.sum(0, keepdim=True), maps])
