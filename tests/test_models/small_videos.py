"""Small videos, clips and prompts for tests of models, and views into a stream's state."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch.nn.functional as F
from torch import Tensor

from vosplug.datasets.transforms import LoadClip, PackClip
from vosplug.datasets.video_record import VideoRecord
from vosplug.structures import (
    ArrayAnnotation,
    ArraySource,
    ObjectPrompt,
    VideoSource,
    VOSDataSample,
)

SIZE = (48, 64)


def moving_squares(
    frames: int = 3, size: tuple[int, int] = SIZE, objects: int = 2, seed: int = 0
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Flat squares that shift by two pixels per frame over noise: BGR frames, and masks of ids 1..objects."""
    rng = np.random.default_rng(seed)
    background = rng.integers(0, 90, (*size, 3), np.uint8)
    colours = rng.integers(120, 256, (objects, 3), np.uint8)
    side, gap = size[0] // 4, size[1] // (objects + 1)
    images, masks = [], []
    for t in range(frames):
        image, mask = background.copy(), np.zeros(size, np.uint8)
        for i in range(objects):
            top, left = 4 + i * 3 + 2 * t % 16, 3 + i * gap + t % 8
            image[top : top + side, left : left + side] = colours[i]
            mask[top : top + side, left : left + side] = i + 1
        images.append(image)
        masks.append(mask)
    return images, masks


def make_clip(kind: str = 'mask', objects: int = 2, shown: Sequence[int] | None = None, **kwargs) -> dict:
    """A packed training clip; ``shown``: slots that are left in its first frame."""
    images, masks = moving_squares(objects=objects, **kwargs)
    if shown is not None:
        masks[0] = np.where(np.isin(masks[0], [slot + 1 for slot in shown]), masks[0], 0)
    record = VideoRecord('squares', ArraySource(images), ArrayAnnotation(masks))
    ids = list(range(1, objects + 1))
    results = dict(record=record, frames=list(range(len(images))), object_ids=ids, kind=kind)
    return PackClip()(LoadClip()(results))


def with_empty_slots(sample: VOSDataSample, extra: int) -> VOSDataSample:
    """The same clip with slots that hold no object."""
    padded = sample.clone()
    padded.boxes = F.pad(sample.boxes, (0, 0, 0, extra))
    for key in ('visible', 'supervision', 'valid'):
        setattr(padded, key, F.pad(getattr(sample, key), (0, extra)))
    return padded


def mask_prompts(mask: np.ndarray, ids: dict[int, int] | None = None) -> list[ObjectPrompt]:
    """Prompts from an id mask; ``ids`` renames them."""
    found = [int(i) for i in np.unique(mask) if i]
    return [ObjectPrompt((ids or {}).get(i, i), mask=mask == i) for i in found]


def states_during(model, frames: list[np.ndarray], prompts: dict, **kwargs) -> Iterator[tuple]:
    """The state of a stream's only view after each frame, and the frame's result."""
    states, start = [], model.start
    model.start = lambda video: states.append(start(video)) or states[-1]
    try:
        for result in model.stream(frames, prompts, **kwargs):
            yield states[0], result
    finally:
        del model.start


def tensor_bytes(part: object) -> int:
    """Bytes of all tensors that a state holds, at any depth."""
    if isinstance(part, Tensor):
        return part.numel() * part.element_size()
    if isinstance(part, dict):
        return sum(map(tensor_bytes, part.values()))
    if isinstance(part, (list, tuple)):
        return sum(map(tensor_bytes, part))
    return tensor_bytes(vars(part)) if hasattr(part, '__dict__') else 0


def logits_of(model, frames: list[np.ndarray], prompts: dict[int, list[ObjectPrompt]]) -> list[Tensor]:
    """What ``segment`` gives in each frame of a stream in which it is called."""
    found, segment = [], model.segment
    model.segment = lambda *args: found.append(segment(*args)) or found[-1]
    try:
        list(model.stream(frames, prompts))
    finally:
        del model.segment
    return found


class CountingSource(VideoSource):
    """Knows what was decoded."""

    def __init__(self, frames: list[np.ndarray]) -> None:
        self.frames, self.decoded = frames, []
        self.frame_names = [f'{t:05d}' for t in range(len(frames))]

    def __getitem__(self, t: int) -> np.ndarray:
        self.decoded.append(t)
        return self.frames[t]

    @property
    def size(self) -> tuple[int, int]:
        return self.frames[0].shape[:2]
