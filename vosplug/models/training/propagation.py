"""Propagation through training clips, with the steps that a stream takes."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from ...errors import ConfigError, VOSError
from ..contracts import check_returned


class ClipModel(Protocol):
    """The steps of a method for one frame, batched over B videos and N objects.

    A stream takes the same steps with B = 1.
    """

    aggregation: Callable[[Tensor], Tensor]

    def encode(self, images: Tensor) -> Any:
        """Features of normalised images (K, 3, H, W); tensors, or tuples of them, K first."""

    def new_state(self, clip: bool) -> Any:
        """State of a video, or of a batch of training clips."""

    def segment_step(self, state: Any, t: int, frame: Any) -> Tensor:
        """Logits (B, N, H, W) of the objects in the encoded frame ``t``, independent per object."""

    def remember_step(self, state: Any, t: int, frame: Any, masks: Tensor, prompted: Collection[int]) -> None:
        """Update the state with a frame's final masks (B, N, H, W) in [0, 1] and its ``prompted`` slots."""


def split_frames(encoded: Any, length: int) -> list[Any]:
    """Split the output of :meth:`ClipModel.encode` for B * ``length`` images into frames."""
    if isinstance(encoded, Tensor):
        return list(encoded.unflatten(0, (-1, length)).unbind(1))
    if not isinstance(encoded, tuple | list):
        raise VOSError(
            f'encode: returned {type(encoded).__name__}, expected tensors with the images first, or tuples '
            'of them (named or not): the frames of a clip are encoded together and then split.'
        )
    frames = zip(*(split_frames(part, length) for part in encoded), strict=True)
    make = getattr(type(encoded), '_make', type(encoded))
    return [make(frame) for frame in frames]


def propagate(
    model: ClipModel,
    frames: Sequence[Any],
    masks: Tensor,
    valid: Tensor,
    teacher: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """Logits of all frames but the first, for a batch of clips.

    Every frame is remembered with its predicted masks, or with those of a teacher.

    Args:
        model: the method.
        frames: K encoded frames in order; a frame may occur twice.
        masks: (B, N, H, W) in [0, 1], the objects in the first frame.
        valid: bool (B, N), False for padding slots.
        teacher: masks (B, K, N, H, W) in [0, 1], and which of them replace the predictions, bool (B, K, N).

    Returns:
        Tensor: (B, K-1, N, H, W), independent per object.

    Raises:
        ConfigError: K is 1.
        VOSError: a step returned something other than logits of the objects.
    """
    if len(frames) < 2:
        raise ConfigError(
            'training clips: found clips of 1 frame, expected 2 or more, since this method learns from the '
            'frames after the first. Raise num_frames of the clip sampler or of the OnlineAdapter.'
        )
    state = model.new_state(clip=True)
    model.remember_step(state, 0, frames[0], masks, range(masks.shape[1]))
    logits = []
    for t, frame in enumerate(frames[1:], 1):
        logits.append(model.segment_step(state, t, frame))
        where = f'{type(model).__name__}.segment_step:'
        check_returned(logits[-1], masks.shape, where, 'logits at the size of the images, (B, N, H, W)')
        if t < len(frames) - 1:
            prob = logits[-1].sigmoid() * valid[..., None, None]
            masks = model.aggregation(prob).softmax(1)[:, 1:]
            if teacher is not None:
                given, chosen = (part[:, t] for part in teacher)
                masks = torch.where(chosen[..., None, None], given.to(masks), masks)
            model.remember_step(state, t, frame, masks, ())
    return torch.stack(logits, 1)
