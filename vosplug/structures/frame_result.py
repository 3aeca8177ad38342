"""Result of inference on one frame."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class FrameResult:
    """Segmentation of one frame at the source's resolution.

    Attributes:
        index: frame index in the source.
        name: frame name, such as ``00012``.
        mask: uint8 (H, W), 0 background, otherwise the caller's object ids.
        scores: object id -> mean probability over the object's pixels, in [0, 1]; 0 when absent.
        presence: object id -> confidence that the object is in the frame, its largest probability at any
            pixel, in [0, 1]; empty if unknown.
        probs: float32 (N+1, H, W), background first, then objects in order of first appearance;
            only filled when asked for.
        object_ids: ids in the order of ``probs[1:]``.
    """

    index: int
    name: str
    mask: np.ndarray
    scores: dict[int, float]
    presence: dict[int, float] = field(default_factory=dict)
    probs: np.ndarray | None = None
    object_ids: list[int] = field(default_factory=list)
