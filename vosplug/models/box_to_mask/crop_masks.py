"""Masks from a network that sees one crop per box."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch

from ...errors import ConfigError
from ...structures import BoxCrop, fill_box
from ...structures.box_ops import in_image
from ..postprocess import DenseCRF
from .base import Frames


class CropNetwork(Protocol):
    """A network that segments an object in a crop around its box."""

    def crop_of(self, box: np.ndarray, shape: tuple[int, int]) -> BoxCrop:
        """The crop that the network sees for a box, xyxy in pixels, in an image of ``shape`` (H, W)."""

    def crop_probs(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Probabilities, float32 (H, W), in each crop, uint8 (4, H, W) of :meth:`BoxCrop.image`."""


def check_batch_size(batch_size: int, name: str) -> None:
    """Raise a ConfigError that names the model unless at least one crop is taken at a time."""
    if batch_size < 1:
        raise ConfigError(f'{name}: found batch_size={batch_size}, expected 1 or more.')


def crop_masks(
    network: CropNetwork,
    requests: Iterable[tuple[Frames, int, Mapping[int, np.ndarray]]],
    batch_size: int,
    inside_box: bool,
) -> Iterator[np.ndarray]:
    """Masks for many requests, several crops at a time.

    Args:
        network: segments the crops.
        requests: arguments ``(frames, t, boxes)`` of :meth:`BoxToMask.forward`.
        batch_size: crops at a time.
        inside_box: set the mask to 0 outside the box.

    Yields:
        np.ndarray: float32 (N, H, W) probabilities of each request, in order.
    """
    waiting: list[_Request] = []
    for frames, t, boxes in requests:
        image = frames[t]
        shape, crops = image.shape[:2], {}
        for n, box in enumerate(boxes[t]):
            if in_image(box, shape):
                crop = network.crop_of(box, shape)
                crops[n] = (crop, crop.image(image))
        waiting.append(_Request((len(boxes[t]), *shape), crops))
        if sum(len(request.crops) for request in waiting) >= batch_size:
            yield from _segmented(network, waiting, batch_size, inside_box)
            waiting = []
    yield from _segmented(network, waiting, batch_size, inside_box)


def aligned(crf: DenseCRF, prob: np.ndarray, crop: np.ndarray) -> np.ndarray:
    """Probabilities float32 (H, W) of a crop uint8 (4, H, W), aligned with its colour edges by a CRF."""
    image = np.ascontiguousarray(crop[2::-1].transpose(1, 2, 0))
    return crf.align(image, torch.from_numpy(np.stack([1 - prob, prob])))[1].numpy()


class _Request(NamedTuple):
    shape: tuple[int, int, int]  # (N, H, W) of its masks
    crops: dict[int, tuple[BoxCrop, np.ndarray]]  # object -> crop and its pixels, for boxes in the image


def _segmented(
    network: CropNetwork, requests: list[_Request], batch_size: int, inside_box: bool
) -> Iterator[np.ndarray]:
    """Masks (N, H, W) of each request."""
    images = [image for request in requests for _, image in request.crops.values()]
    probs = [
        prob
        for start in range(0, len(images), batch_size)
        for prob in network.crop_probs(images[start : start + batch_size])
    ]
    for request in requests:
        masks = np.zeros(request.shape, np.float32)
        for n, (crop, _) in request.crops.items():
            masks[n] = crop.paste(probs.pop(0))
            if inside_box:
                masks[n] *= fill_box(crop.box, request.shape[1:])
        yield masks
