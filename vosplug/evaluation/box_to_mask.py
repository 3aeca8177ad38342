"""Quality of masks predicted from the ground-truth boxes of a dataset."""

from collections.abc import Mapping

import numpy as np

from ..datasets.base_video_dataset import BaseVideoDataset
from ..datasets.transforms.start_masks import BoxToMask
from ..structures import LastFrameSource, single_object
from ..structures.box_ops import VOID
from .functional import PseudoLabelQuality, jaccard, pseudo_label_quality

HELD_FRAMES = 32  # decoded frames kept: the models, and the objects of a frame, use the same ones


def box_to_mask_quality(
    dataset: BaseVideoDataset, models: Mapping[str, BoxToMask], every: int = 1
) -> dict[str, PseudoLabelQuality]:
    """J and recall of masks predicted from ground-truth boxes, over all objects and annotated frames.

    Args:
        dataset: in test mode.
        models: name -> model; each gets all frames of the video and the known boxes of the objects.
        every: score every n-th annotated frame of a video, from the first one on.

    Returns:
        dict: name -> quality; all masks have equal weight, whatever their frame and size.
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
    """Boxes (N, 4) of some objects in every frame that shows any of them; NaN for the absent ones."""
    unknown = np.full(4, np.nan, np.float32)
    return {
        t: np.stack([own.get(i, unknown) for i in ids])
        for t, own in boxes.items()
        if any(i in own for i in ids)
    }
