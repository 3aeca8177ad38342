"""How good masks are that are made from the true boxes of a dataset's objects."""

from collections.abc import Mapping

import numpy as np

from ..datasets.base_video_dataset import BaseVideoDataset
from ..datasets.transforms.start_masks import BoxToMask
from ..structures import single_object
from ..structures.box_ops import VOID
from .functional import PseudoLabelQuality, jaccard, pseudo_label_quality


def box_to_mask_quality(
    dataset: BaseVideoDataset, models: Mapping[str, BoxToMask], every: int = 1
) -> dict[str, PseudoLabelQuality]:
    """J and recall over all objects in all annotated frames, each object from its true box.

    Args:
        dataset: in test mode.
        models: name -> model; each sees one frame and the boxes of its objects.
        every: n-th annotated frame of a video, from the first one on.

    Returns:
        dict: name -> quality; masks count alike, whatever their frame and size.
    """
    ious: dict[str, list[float]] = {name: [] for name in models}
    for sample in (dataset[i]['data_samples'] for i in range(len(dataset))):
        for t in sample.eval_frames[::every]:
            boxes, id_mask = sample.annotation.boxes(t), sample.annotation.mask(t)
            if not boxes:
                continue
            image, given = sample.source[t], {0: np.stack(list(boxes.values()))}
            truths = [single_object(id_mask, object_id) for object_id in boxes]
            for name, model in models.items():
                masks = model([image], 0, given) > 0.5
                ious[name] += [jaccard(m, x == 1, x == VOID) for m, x in zip(masks, truths, strict=True)]
    return {name: pseudo_label_quality([row], [np.ones(len(row), bool)]) for name, row in ious.items()}
