"""Baselines without training: the copied first or nearest mask, and masks from ground-truth boxes."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from ..errors import PromptError
from ..models.box_to_mask import BoxToMask
from ..structures import (
    FrameResult,
    LastFrameSource,
    ObjectPrompt,
    VideoSample,
    fill_box,
    merge_object_masks,
)
from .metrics import VOSMetric


def copy_first_mask(video: VideoSample) -> Iterator[FrameResult]:
    """Copies each object's prompt to all later frames; box prompts are filled.

    Raises:
        PromptError: a mask prompt differs in size from the video.
    """
    size = video.source.size
    masks: dict[int, np.ndarray] = {}
    prompts = video.require_prompts()
    for t, name in enumerate(video.source.frame_names):
        for prompt in prompts.get(t, []):
            masks[prompt.object_id] = _prompt_mask(prompt, size, f'video {video.name}, frame {name}')
        yield _frame_result(t, name, masks, size)


def copy_nearest_prompt(video: VideoSample) -> Iterator[FrameResult]:
    """Copies each object's nearest prompt (of two equally near ones, the earlier); box prompts are filled.

    The baseline of Perazzi et al. 2017, Fig. 4, for several annotated frames.

    Raises:
        PromptError: a mask prompt differs in size from the video.
    """
    size, prompts = video.source.size, video.require_prompts()
    for t, name in enumerate(video.source.frame_names):
        nearest = {i: prompts.nearest_frame(i, t) for i in prompts.object_ids}
        masks = {
            p.object_id: _prompt_mask(p, size, f'video {video.name}, frame {name}')
            for frame in set(nearest.values())
            for p in prompts[frame]
            if nearest[p.object_id] == frame
        }
        yield _frame_result(t, name, {i: masks[i] for i in nearest}, size)


def filled_box(video: VideoSample) -> Iterator[FrameResult]:
    """Oracle: the filled ground-truth box of every prompted object, from its first prompt on.

    Raises:
        AnnotationError: the video has no ground truth.
    """
    size = video.source.size
    return _from_true_boxes(video, lambda t, boxes: np.stack([fill_box(box, size) for box in boxes]))


def box_oracle(video: VideoSample, box_to_mask: BoxToMask) -> Iterator[FrameResult]:
    """Oracle: every prompted object segmented from its ground-truth box, from its first prompt on.

    Perazzi et al. 2017, Table 2, with GrabCut.

    Args:
        video: with ground truth.
        box_to_mask: sees the video and the boxes of the frame.

    Raises:
        AnnotationError: the video has no ground truth.
    """
    frames = LastFrameSource(video.source)
    return _from_true_boxes(video, lambda t, boxes: box_to_mask(frames, t, {t: boxes}) > 0.5)


def _from_true_boxes(
    video: VideoSample, segment: Callable[[int, np.ndarray], np.ndarray]
) -> Iterator[FrameResult]:
    """Results of ``segment``, which turns boxes (N, 4) in frame ``t`` into masks (N, H, W)."""
    annotation, prompts = video.require_annotation(), video.require_prompts()
    size = video.source.size
    known: set[int] = set()
    for t, name in enumerate(video.source.frame_names):
        known.update(prompt.object_id for prompt in prompts.get(t, []))
        boxes = {i: box for i, box in annotation.boxes(t).items() if i in known}
        masks = {i: np.zeros(size, bool) for i in sorted(known)}
        if boxes:
            masks.update(zip(boxes, segment(t, np.stack([*boxes.values()])), strict=True))
        yield _frame_result(t, name, masks, size)


def evaluate_stream(
    metric: VOSMetric | str | dict,
    videos: Iterable[VideoSample],
    method: Callable[[VideoSample], Iterator[FrameResult]],
) -> dict[str, float]:
    """Run a method over videos and score it, without a Runner.

    Args:
        metric: a metric, or the name or config of its protocol.
        videos: read one at a time.
        method: such as :func:`copy_first_mask`, or ``lambda v: model.stream(v.source, v.prompts)``.

    Returns:
        dict: the scores of ``metric``.
    """
    metric = metric if isinstance(metric, VOSMetric) else VOSMetric(protocol=metric)
    count = 0
    for video in videos:
        for result in method(video):
            metric.process(None, [dict(video=video, result=result)])
        count += 1
    return metric.evaluate(count)


def _prompt_mask(prompt: ObjectPrompt, size: tuple[int, int], where: str) -> np.ndarray:
    if prompt.box is not None:
        return fill_box(prompt.box, size)
    if prompt.mask is None:
        raise PromptError(
            f'{where}: object {prompt.object_id} is given by points; a baseline needs a mask or box.'
        )
    if prompt.mask.shape != size:
        raise PromptError(
            f'{where}: mask of object {prompt.object_id} is {prompt.mask.shape[1]}x{prompt.mask.shape[0]}, '
            f'the video is {size[1]}x{size[0]}.'
        )
    return prompt.mask


def _frame_result(t: int, name: str, masks: dict[int, np.ndarray], size: tuple[int, int]) -> FrameResult:
    mask = merge_object_masks(masks, size)
    present = set(np.unique(mask).tolist())
    return FrameResult(t, name, mask, {i: float(i in present) for i in masks}, object_ids=list(masks))
