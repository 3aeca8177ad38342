"""Prompt validation and result assembly."""

import numpy as np
import torch
from torch import Tensor

from ...errors import PromptError
from ...structures import FrameResult, Prompts, VideoSource
from ...structures.box_ops import in_image


def check_prompts(prompts: Prompts, source: VideoSource) -> None:
    """Raise a PromptError if a prompt does not fit its video."""
    height, width = source.size
    for t, frame_prompts in prompts.items():
        if source.length is not None and t >= source.length:
            raise PromptError(
                f'prompt in frame {t}: the video has {source.length} frames (0..{source.length - 1}).'
            )
        for p in frame_prompts:
            label = f'frame {t}, object {p.object_id}'
            if p.mask is not None and p.mask.shape != (height, width):
                raise PromptError(
                    f'{label}: mask is {p.mask.shape[1]}x{p.mask.shape[0]}, the video {width}x{height}. '
                    "Give prompts at the source's own resolution."
                )
            if p.box is not None and not in_image(p.box, source.size):
                raise PromptError(f'{label}: box {p.box.tolist()} lies outside the {width}x{height} image.')
            if p.points is not None:
                xy = p.points[:, :2]
                outside = xy[((xy < 0) | (xy >= (width, height))).any(1)]
                if len(outside):
                    raise PromptError(
                        f'{label}: {len(outside)} of {len(xy)} points lie outside the {width}x{height} '
                        f'image, such as {outside[0].tolist()}.'
                    )


def make_result(
    t: int,
    name: str,
    size: tuple[int, int],
    probs: Tensor | None,
    ids: list[int],
    exact: dict[int, np.ndarray],
    return_probs: bool,
) -> FrameResult:
    """A FrameResult from aggregated (N+1, H, W) probabilities; ``exact`` masks are inserted verbatim."""
    if probs is None:
        empty = np.ones((1, *size), np.float32) if return_probs else None
        return FrameResult(t, name, np.zeros(size, np.uint8), {}, probs=empty)
    table = np.array([0, *ids], np.uint8)
    mask = table[probs.argmax(0).cpu().numpy()]
    if exact:
        mask[np.isin(mask, list(exact))] = 0
        for object_id, given in exact.items():
            mask[given] = object_id
    scores = {}
    for slot, object_id in enumerate(ids, 1):
        hit = torch.from_numpy(mask == object_id).to(probs.device)
        scores[object_id] = float(probs[slot][hit].mean()) if hit.any() else 0.0
    largest = probs[1:].amax((-2, -1)).tolist()
    kept = probs.float().cpu().numpy() if return_probs else None
    return FrameResult(t, name, mask, scores, dict(zip(ids, largest, strict=True)), kept, list(ids))
