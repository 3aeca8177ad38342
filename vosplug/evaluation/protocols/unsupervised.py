"""DAVIS 2017 unsupervised: proposals are matched with objects and then scored."""

from dataclasses import dataclass

import numpy as np

from ...errors import AnnotationError
from ...structures import FrameResult, VideoSample
from ..functional import boundary_f, jaccard
from .base import PROTOCOLS
from .davis import highest_id
from .masks import CONTOUR, REGION, MaskProtocol, MaskScores, ground_truth, present_ids

MAX_PROPOSALS = 20


@PROTOCOLS.register_module(name='davis2017_unsupervised')
@dataclass(frozen=True)
class UnsupervisedProtocol(MaskProtocol):
    """DAVIS 2017 unsupervised (Caelles et al., 2019); ids of proposals are arbitrary.

    Objects are 1..highest id of the first ground-truth frame and proposals 1..highest predicted id, at
    most 20. The one-to-one matching with the highest mean of J and F over the whole video is scored; an
    object without a proposal is scored against an empty mask. All frames are scored, void is ignored.
    """

    name: str = 'davis2017_unsupervised'

    def start(self, video: VideoSample) -> 'ProposalScores':
        """See :class:`Protocol`."""
        return ProposalScores(video, self)

    def frames(self, video: VideoSample) -> list[int]:
        """See :class:`MaskProtocol`."""
        return sorted(set(video.eval_frames))

    def given(self, video: VideoSample) -> dict[int, int]:
        """See :class:`MaskProtocol`."""
        return dict.fromkeys(range(1, highest_id(video, self.name) + 1), 0)


class ProposalScores(MaskScores):
    """Scores of every object with every proposal; proposal 0 stands for an empty mask."""

    def __init__(self, video: VideoSample, protocol: UnsupervisedProtocol) -> None:
        super().__init__(video, protocol)
        self.names: list[str] = []
        self.pairs: list[dict[tuple[int, int], tuple[float, float]]] = []

    def _score(self, video: VideoSample, result: FrameResult, where: str) -> None:
        gt = ground_truth(video, result, where)
        pred, gt, void = self.protocol.label_maps(result.mask, gt)
        proposals = present_ids(pred)
        if max(proposals, default=0) > MAX_PROPOSALS:
            raise AnnotationError(
                f'{where}: predicted id {proposals[-1]}, expected at most {MAX_PROPOSALS} proposals, '
                f'numbered from 1. {self.protocol.name} takes no more; renumber the ids.'
            )
        pairs = {}
        for i in self.starts:
            for p in (0, *proposals):
                mask = pred == p if p else np.zeros_like(pred)
                pairs[i, p] = jaccard(mask, gt == i, void), boundary_f(mask, gt == i, void)
        self.names.append(result.name)
        self.pairs.append(pairs)

    def _entry(self) -> dict:
        # takes 0.1 s to import, only needed by this protocol
        from scipy.optimize import linear_sum_assignment

        objects = list(self.starts)
        proposals = max([len(objects), *(p for pairs in self.pairs for _, p in pairs)])
        table = np.array(
            [[[pairs.get((i, p), pairs[i, 0]) for pairs in self.pairs] for p in range(1, proposals + 1)]
             for i in objects]
        )  # fmt: skip
        rows, columns = linear_sum_assignment(-table.mean((2, 3)))
        for row, column in zip(rows, columns, strict=True):
            i = objects[row]
            self.series['frames'][i] = list(self.names)
            self.series[REGION][i], self.series[CONTOUR][i] = table[row, column].T.tolist()
        return super()._entry()
