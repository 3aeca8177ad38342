"""How good masks are that are made from the true boxes of a dataset's objects."""

from collections.abc import Mapping

import numpy as np

from ..datasets.base_video_dataset import BaseVideoDataset
from ..datasets.transforms.start_masks import BoxToMask
from ..structures import LastFrameSource, single_object
from ..structures.box_ops import VOID
from .functional import PseudoLabelQuality, jaccard, pseudo_label_quality

HELD_FRAMES = 32  # decoded: the objects of a frame, and models, look at the same ones


def box_to_mask_quality(
    dataset: BaseVideoDataset, models: Mapping[str, BoxToMask], every: int = 1
) -> dict[str, PseudoLabelQuality]:
    """J and recall over all objects in all annotated frames, each object from its true box.

    Args:
        dataset: in test mode.
        models: name -> model; each may look at all frames of the video, where its objects' boxes are known.
        every: n-th annotated frame of a video, from the first one on.

    Returns:
        dict: name -> quality; masks count alike, whatever their frame and size.
    """
    ious: dict[str, list[float]] = {name: [] for name in models}
    for sample in (dataset[i]['data_samples'] for i in range(len(dataset))):
        source = LastFrameSource(sample.source, keep=HELD_FRAMES)
        boxes = {t: sample.annotation.boxes(t) for t in sample.eval_frames}
        for t in sample.eval_frames[::every]:
            if not boxes[t]:
                continue
            id_mask, given = sample.annotation.mask(t), _tracks(boxes, list(boxes[t]))
            truths = [single_object(id_mask, object_id) for object_id in boxes[t]]
            for name, model in models.items():
                masks = model(source, t, given) > 0.5
                ious[name] += [jaccard(m, x == 1, x == VOID) for m, x in zip(masks, truths, strict=True)]
    return {name: pseudo_label_quality([row], [np.ones(len(row), bool)]) for name, row in ious.items()}


def _tracks(boxes: Mapping[int, Mapping[int, np.ndarray]], ids: list[int]) -> dict[int, np.ndarray]:
    """Boxes (N, 4) of some objects in every frame that shows one, NaN for those it does not show."""
    unknown = np.full(4, np.nan, np.float32)
    return {
        t: np.stack([own.get(i, unknown) for i in ids])
        for t, own in boxes.items()
        if any(i in own for i in ids)
    }
