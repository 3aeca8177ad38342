"""DAVIS 2016 and 2017 in their official folder layout."""

from functools import partial
from pathlib import Path

import numpy as np

from ..formats import MaskFolderAnnotation
from ..registry import DATASETS
from ..structures.box_ops import VOID
from .frame_folders import FrameFolderDataset


class _SingleObjectAnnotation(MaskFolderAnnotation):
    """DAVIS 2016's annotation: all foreground is object 1; void, as in pseudo-labels, stays void."""

    def mask(self, t: int) -> np.ndarray | None:
        mask = super().mask(t)
        return None if mask is None else np.where(mask == VOID, mask, mask > 0)


@DATASETS.register_module()
class DAVIS2017Dataset(FrameFolderDataset):
    """DAVIS 2017: several objects per video, indexed masks.

    Layout: ``JPEGImages/<resolution>/<video>``, ``Annotations/<resolution>/<video>``.

    Args:
        data_root: the DAVIS folder.
        resolution: ``'480p'``, ``'240p'`` or ``'Full-Resolution'``.
        kwargs: of :class:`FrameFolderDataset`.
    """

    def __init__(self, data_root: str, resolution: str = '480p', **kwargs) -> None:
        self.resolution = resolution
        super().__init__(data_root=data_root, **kwargs)

    @property
    def frames_dir(self) -> Path:
        """See :class:`FrameFolderDataset`."""
        return Path(self.data_root) / 'JPEGImages' / self.resolution

    @property
    def own_masks_dir(self) -> Path:
        """See :class:`FrameFolderDataset`."""
        return Path(self.data_root) / 'Annotations' / self.resolution


@DATASETS.register_module()
class DAVIS2016Dataset(DAVIS2017Dataset):
    """DAVIS 2016: one object per video, 0/255 masks (DAVIS 2017's masks are merged into one)."""

    annotation_type = partial(_SingleObjectAnnotation, binary=True)
