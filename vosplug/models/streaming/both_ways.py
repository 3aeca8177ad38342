"""A forward and a backward pass over a video: every object's result comes from its nearest prompt."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from ...formats.rle import decode_mask, encode_mask
from ...structures import FrameResult, Prompts, ReversedSource, VideoSource

Pass = Callable[[VideoSource, Prompts], Generator[FrameResult, None, None]]


def both_ways(run: Pass, source: VideoSource, prompts: Prompts) -> Iterator[FrameResult]:
    """Results of two passes, merged (Perazzi et al. 2017, Sec. 5.4).

    In every frame each object is taken from the pass that starts at the object's nearest prompt: forward from
    an earlier one (or in the frame itself, or at equal distance), backward from a later one. Where objects of
    both passes overlap, the one with the nearer prompt is in front. The backward pass runs first, before the
    first result; the masks needed from it are held as RLE.

    Args:
        run: one pass over a video with its prompts.
        source: the video; its frames can be read in any order.
        prompts: of the video.

    Yields:
        FrameResult: for every frame in order; frames where a later prompt is nearest for any object have all
        objects.
    """
    held = _backward(run, source, prompts)
    for result in run(source, prompts):
        backward = held.pop(result.index, None)
        yield result if backward is None else _merge(result, backward, prompts)


@dataclass
class _Backward:
    """Objects of a frame as the backward pass found them."""

    masks: dict[int, str]  # RLE
    scores: dict[int, float]
    presence: dict[int, float]


def _backward(run: Pass, source: VideoSource, prompts: Prompts) -> dict[int, _Backward]:
    """Run the backward pass: frame -> its objects whose nearest prompt is a later one."""
    wanted: dict[int, list[int]] = {}
    for t in range(len(source)):
        ids = [i for i in prompts.object_ids if prompts.nearest_frame(i, t) > t]
        if ids:
            wanted[t] = ids
    held: dict[int, _Backward] = {}
    if not wanted:
        return held
    last, first = len(source) - 1, min(wanted)
    mirrored = Prompts({last - t: given for t, given in prompts.items()})
    with closing(run(ReversedSource(source), mirrored)) as results:
        for result in results:
            t = last - result.index
            if t in wanted:
                ids = wanted[t]
                held[t] = _Backward(
                    {i: encode_mask(result.mask == i) for i in ids},
                    {i: result.scores[i] for i in ids},
                    {i: result.presence[i] for i in ids if i in result.presence},
                )
            if t == first:
                break
    return held


def _merge(forward: FrameResult, backward: _Backward, prompts: Prompts) -> FrameResult:
    """The objects of ``backward``, and all others as ``forward`` found them."""
    ids, t = prompts.object_ids, forward.index
    mask = np.zeros_like(forward.mask)
    # objects with nearer prompts are drawn later, those of the forward pass last among ties
    for i in sorted(ids, key=lambda i: (-abs(prompts.nearest_frame(i, t) - t), i not in backward.masks)):
        rle = backward.masks.get(i)
        mask[forward.mask == i if rle is None else decode_mask(rle, mask.shape)] = i
    scores, presence = forward.scores | backward.scores, forward.presence | backward.presence
    return replace(
        forward,
        mask=mask,
        scores={i: scores[i] if (mask == i).any() else 0.0 for i in ids},
        presence={i: presence[i] for i in ids if i in presence},
        object_ids=list(ids),
    )
