"""A protocol: which frames and objects are scored, and what is reported."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vosplug.evaluation.protocols import PROTOCOLS, DAVISProtocol


@PROTOCOLS.register_module(name='survival')
@dataclass(frozen=True)
class SurvivalProtocol(DAVISProtocol):
    """How long objects are tracked until they are first lost; frames and objects as in DAVIS.

    ``Survival`` is the fraction of an object's frames before the first one with J below a threshold.

    Attributes:
        name: as written to reports.
        threshold: J below which an object is lost.
    """

    name: str = 'survival'
    threshold: float = 0.5

    measures: ClassVar[tuple[str, ...]] = ('J',)  # contours are not computed

    def object_statistics(self, entry: dict, object_id: int) -> dict[str, float]:
        """Numbers of one object from its J in each frame; the report has their means over objects."""
        scores = np.array(entry['J'][object_id])
        lost = np.flatnonzero(scores < self.threshold)
        survived = lost[0] if lost.size else len(scores)
        return {'Survival': float(survived / len(scores)), 'J-Mean': float(scores.mean())}
