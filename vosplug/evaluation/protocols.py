"""Which frames and objects of a video count, and how void is treated."""

from dataclasses import dataclass

import numpy as np
from mmengine.registry import Registry

from ..errors import AnnotationError, ConfigError
from ..structures import VideoSample
from ..structures.box_ops import VOID
from .functional.statistics import check_compat

PROTOCOLS = Registry('protocol', scope='vosplug', locations=['vosplug.evaluation.protocols'])


@dataclass(frozen=True)
class DAVISProtocol:
    """The DAVIS rules: the first and the last frame of a video are left out.

    An object counts from the frame after its first prompt on. Predicted ids that are not scored are
    background. Void pixels (255) of the ground truth do not count.

    With ``compat='davis2017-evaluation'`` the official code's conventions hold: objects are 1..highest
    id of the first ground-truth frame (an id missing in between is a perfect object), void is
    background, a predicted id above the highest is an error, and decay is computed in uint8.

    Attributes:
        name: as written to reports.
        single_object: every foreground pixel belongs to one object, id 1.
        compat: None or ``'davis2017-evaluation'``.

    Raises:
        ConfigError: an unknown ``compat``.
    """

    name: str
    single_object: bool = False
    compat: str | None = None

    def __post_init__(self) -> None:
        check_compat(self.compat)

    def frames(self, video: VideoSample) -> list[int]:
        """Frames to score, ascending.

        Raises:
            AnnotationError: none is left.
        """
        last = len(video.source) - 1
        frames = sorted(t for t in set(video.eval_frames) if 0 < t < last)
        if not frames:
            raise AnnotationError(
                f'video {video.name}: nothing to score, its {last + 1} frames have no ground truth between '
                f'the first and the last one, which {self.name} leaves out.'
            )
        return frames

    def objects(self, video: VideoSample) -> dict[int, int]:
        """Objects to score: id -> frame after which it counts.

        Raises:
            AnnotationError: ``compat`` and the first frame shows no object.
        """
        if self.single_object:
            return {1: video.prompts.first_frame}
        if self.compat:
            return dict.fromkeys(range(1, self._highest_id(video) + 1), 0)
        starts: dict[int, int] = {}
        for frame, prompts in video.prompts.items():
            for prompt in prompts:
                starts.setdefault(prompt.object_id, frame)
        return starts

    def _highest_id(self, video: VideoSample) -> int:
        first = video.annotation.mask(0)
        ids = [] if first is None else [int(i) for i in np.unique(first) if i not in (0, VOID)]
        if not ids:
            raise AnnotationError(
                f'video {video.name}, frame {video.source.frame_names[0]}: no ground-truth object; '
                f'{self.compat} scores the objects of the first frame. Score without compat.'
            )
        return ids[-1]

    def label_maps(
        self, pred: np.ndarray, gt: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Prediction, ground truth and void pixels as the measures take them.

        Args:
            pred: uint8 (H, W) ids.
            gt: uint8 (H, W) ids, 255 void.

        Returns:
            tuple: uint8 (H, W) ids of prediction and of ground truth, and void as bool (H, W) or None.
        """
        void = gt == VOID
        if self.compat:
            gt, void = np.where(void, 0, gt).astype(np.uint8), None
        if self.single_object:
            pred, gt = (pred > 0).view(np.uint8), (gt > 0).view(np.uint8)
        return pred, gt, void if void is not None and void.any() else None


@PROTOCOLS.register_module(name='davis2016')
def davis2016(compat: str | None = None) -> DAVISProtocol:
    """DAVIS 2016: one object per video; several ids are taken together."""
    return DAVISProtocol('davis2016', single_object=True, compat=compat)


@PROTOCOLS.register_module(name='davis2017')
def davis2017(compat: str | None = None) -> DAVISProtocol:
    """DAVIS 2017 semi-supervised: the objects given, averaged over objects."""
    return DAVISProtocol('davis2017', compat=compat)


def build_protocol(protocol: str | dict) -> DAVISProtocol:
    """A registered protocol from its name, or from a config with options.

    Raises:
        ConfigError: no protocol of that name.

    Example:
        >>> build_protocol(dict(type='davis2017', compat='davis2017-evaluation')).single_object
        False
    """
    config = dict(type=protocol) if isinstance(protocol, str) else dict(protocol)
    if config.get('type') not in PROTOCOLS.module_dict:
        known = sorted(PROTOCOLS.module_dict)
        raise ConfigError(f'protocol: found {config.get("type")!r}, expected one of {known}.')
    return PROTOCOLS.module_dict[config.pop('type')](**config)
