"""Mean IoU over separately scored objects: SegTrack v2 and YouTube-Objects."""

import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...errors import AnnotationError
from ..scores import PerObject
from .base import PROTOCOLS
from .masks import REGION
from .sparse import SparseProtocol


@PROTOCOLS.register_module(name='segtrack_v2')
@dataclass(frozen=True)
class MeanIoUProtocol(SparseProtocol):
    """SegTrack v2 (Li et al., ICCV 2013) as in Perazzi et al., CVPR 2017, Sec. 5.1.

    Every object of a sequence is scored separately, by J over all annotated frames except the prompted one.
    ``mIoU`` is the mean over objects.
    """

    name: str = 'segtrack_v2'

    measures: ClassVar[tuple[str, ...]] = (REGION,)

    def overall(self, per_object: PerObject, entries: list[dict]) -> dict[str, float]:
        """See :class:`MaskProtocol`."""
        means = super().overall(per_object, entries)
        return {'mIoU': means['J-Mean'], **means}


@PROTOCOLS.register_module(name='youtube_objects')
@dataclass(frozen=True)
class YouTubeObjectsProtocol(MeanIoUProtocol):
    """YouTube-Objects (masks of Jain and Grauman, ECCV 2014): the same rules, and scores per class.

    ``mIoU`` is the mean over videos and objects as on SegTrack v2, ``mIoU-Classes`` the mean of the ten
    per-class means. A class is the video's category if the dataset provides it, otherwise the
    leading letters of the video's name (``aeroplane/0001``, ``aeroplane_0001``, ``aeroplane0001``).
    """

    name: str = 'youtube_objects'

    def overall(self, per_object: PerObject, entries: list[dict]) -> dict[str, float]:
        """See :class:`MaskProtocol`."""
        means = super().overall(per_object, entries)
        classes = float(np.mean([*self._classes(per_object, entries).values()]))
        return {'mIoU': means.pop('mIoU'), 'mIoU-Classes': classes, **means}

    def details(self, per_object: PerObject, entries: list[dict]) -> dict[str, dict]:
        """See :class:`MaskProtocol`; ``per_class`` has the mean of each class."""
        return {**super().details(per_object, entries), 'per_class': self._classes(per_object, entries)}

    def _classes(self, per_object: PerObject, entries: list[dict]) -> dict[str, float]:
        found: dict[str, list[float]] = {}
        for entry in entries:
            for i, scores in per_object[entry['video']].items():
                name = entry['categories'].get(i) or re.split(r'[^A-Za-z]', entry['video'])[0]
                if not name:
                    raise AnnotationError(
                        f'video {entry["video"]}: no class, expected a name that starts with one, such as '
                        'aeroplane/0001. Keep the folders of the classes.'
                    )
                found.setdefault(name, []).append(scores['J-Mean'])
        return {name: float(np.mean(values)) for name, values in sorted(found.items())}
