"""MaskTrack: a segmentation network that refines the previous frame's mask (Perazzi et al. 2017)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import ConfigError
from ...registry import MODELS
from ...structures import VOSDataSample, dilate_masks, stack_fields
from ..flow import FlowMagnitudeSource
from ..heads import BaseMaskHead
from ..streaming import Frame, VideoInfo
from ..training.start import fill_boxes, separate_masks
from .base import BaseVideoSegmentor
from .reach import tight_boxes, within_reach

GUIDANCE = ('mask', 'box', 'none')
# a softmax over object and background for each object separately, as in DeepLab
LOSSES = dict(loss_mask=(), loss_object=[dict(type='ObjectBinaryCrossEntropyLoss')])


@dataclass
class MaskTrackState:
    """State of one video, or of a batch of clips.

    Attributes:
        masks: float (B, N, H, W), 0 or 1, the newest non-empty mask of each object.
        motion: the flow magnitude as a video, in a stream with flow.
    """

    masks: Tensor | None = None
    motion: FlowMagnitudeSource | None = None


@MODELS.register_module()
class MaskTrack(BaseVideoSegmentor):
    """Segments every object in every frame from the image and a rough mask, that of the previous frame.

    Sec. 3.1: the mask is an additional input channel (0 or 1) of a network for semantic segmentation, which
    then refines it; the previous mask is dilated first. Objects are segmented independently. A training
    sample is a frame with a deformed mask of its own (the clip field ``input_masks``, see
    :class:`~vosplug.datasets.transforms.InputMasks`), so no video is needed; through a clip without that
    field, masks are propagated from its first frame on.

    An object whose mask becomes empty keeps its last non-empty mask as guidance, so that it is found again
    where it disappeared; one prompted with an empty mask has no guidance until the network finds it.

    Args:
        network: config of an ``mmseg.EncoderDecoder`` with 4 input channels (3 without guidance) and 2
            output channels, background and object.
        guidance: what the network sees of the previous mask: ``'mask'``; its filled tight ``'box'``
            (Table 1, "Boxes"); or ``'none'``: a salient object segmenter (Table 1, "No input").
        dilation: radius of the disc that the guidance is dilated by, in pixels of the working resolution;
            5 in Sec. 4, 0: not at all.
        reach: an object is only searched for around its previous mask, in the mask's tight box, enlarged on
            every side by this multiple of its longer side; None, as in the paper: in the whole frame. Not
            used in training.
        flow: config of an optical flow provider (:class:`~vosplug.models.FlowProvider`): the network also
            segments the magnitude of the flow as an image, with the same mask, and the two scores are
            averaged before the softmax (Sec. 3.3). The paper uses the model "as-is, without retraining":
            online adaptation, which sees images, does not change the network that segments the flow. Used in
            streams only; training sees images. None: no flow.
        losses: ``loss_mask``, ``loss_object`` and ``loss_box`` of
            :class:`~vosplug.models.heads.BaseMaskHead`.
        kwargs: of :class:`BaseVideoSegmentor`.

    Raises:
        ConfigError: an unknown guidance, a negative radius or reach, or a network with another number of
            outputs.
    """

    zero_masks_in_padding = True
    skips_prompted_frames = True

    def __init__(
        self,
        network: dict,
        guidance: str = 'mask',
        dilation: int = 5,
        reach: float | None = None,
        flow: dict | None = None,
        losses: dict | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if guidance not in GUIDANCE or dilation < 0 or (reach is not None and reach < 0):
            raise ConfigError(
                f'model: found guidance={guidance!r}, dilation={dilation} and reach={reach}, expected '
                f'guidance to be one of {GUIDANCE}, dilation 0 or more, and reach 0 or more, or None.'
            )
        self.guidance, self.dilation, self.reach = guidance, dilation, reach
        self.network = MODELS.build(network)
        if self.network.out_channels != 2:
            raise ConfigError(
                f'model.network: has {self.network.out_channels} output channels, expected 2, background and '
                'object (decode_head.num_classes).'
            )
        self.flow = MODELS.build(flow) if flow else None
        self._unadapted: list[torch.nn.Module] = []  # a list, so that it is no submodule of an adapted copy
        self.loss_head = BaseMaskHead(**{**LOSSES, **(losses or {})})

    def encode(self, images: Tensor) -> Tensor:
        """The images themselves: nothing can be computed before the mask is known."""
        return images

    def new_state(self, clip: bool) -> MaskTrackState:
        """See the base."""
        return MaskTrackState()

    def adapted(self, original: 'MaskTrack') -> None:
        """See the base; the unadapted network segments the flow."""
        self._unadapted = original._unadapted or [original.network]

    def refine(self, images: Tensor, masks: Tensor, network: torch.nn.Module | None = None) -> Tensor:
        """Logits (B, N, H, W) of objects in images (B, 3, H, W), given their rough masks (B, N, H, W).

        Args:
            images: normalised.
            masks: 0 or 1.
            network: used instead of the model's.
        """
        network = self.network if network is None else network
        objects = masks.shape[1]
        inputs = images.unsqueeze(1).expand(-1, objects, -1, -1, -1)
        if self.guidance != 'none':
            inputs = torch.cat([inputs, masks.unsqueeze(2)], 2)
        scores = network(inputs.flatten(0, 1), mode='tensor')
        align = network.align_corners
        scores = F.interpolate(scores, images.shape[-2:], mode='bilinear', align_corners=align)
        return (scores[:, 1] - scores[:, 0]).unflatten(0, (-1, objects))

    def rough(self, masks: Tensor) -> Tensor:
        """Guidance from the masks (..., H, W), 0 or 1, of the previous frame."""
        if self.guidance == 'box':
            masks = fill_boxes(tight_boxes(masks), masks.shape[-2:]).to(masks)
        return dilate_masks(masks, self.dilation)

    def segment_step(self, state: MaskTrackState, t: int, frame: Tensor) -> Tensor:
        """See the base."""
        return self._near(self.refine(frame, self.rough(state.masks)), state.masks)

    def _near(self, logits: Tensor, masks: Tensor) -> Tensor:
        return logits if self.training else within_reach(logits, masks, self.reach)

    def remember_step(
        self, state: MaskTrackState, t: int, frame: Tensor, masks: Tensor, prompted: Collection[int]
    ) -> None:
        """See the base."""
        background = 1 - masks.sum(1, keepdim=True)
        best = torch.cat([background, masks], 1).argmax(1)
        newest = separate_masks(best, masks.shape[1]).to(masks.dtype)
        if state.masks is not None:
            known = state.masks.shape[1]
            kept = ~newest[:, :known].flatten(2).any(-1)
            kept[:, [slot for slot in prompted if slot < known]] = False
            newest[:, :known] = torch.where(kept[..., None, None], state.masks, newest[:, :known])
        state.masks = newest

    def start(self, video: VideoInfo) -> MaskTrackState:
        """See the base."""
        return MaskTrackState(motion=FlowMagnitudeSource(video.source, self.flow) if self.flow else None)

    def segment(self, state: MaskTrackState, frame: Frame) -> Tensor:
        """See the base."""
        logits = super().segment(state, frame)
        if state.motion is None or frame.index == 0:  # no previous frame
            return logits
        geometry = frame.geometry
        image = self.normalise(geometry.to_work(state.motion[frame.index]), geometry.padding)
        moving = self.refine(image, self.rough(state.masks), *self._unadapted)
        return (logits + self._near(moving, state.masks)[0]) / 2

    def fork(self, state: MaskTrackState) -> MaskTrackState:
        """See the base; the masks of a state are replaced, never changed."""
        return replace(state)

    def loss(self, inputs: Tensor, data_samples: list[VOSDataSample]) -> dict[str, Tensor]:
        """See the base; with ``input_masks`` every frame is a sample of its own."""
        targets = stack_fields(data_samples)
        if 'input_masks' not in targets:
            return super().loss(inputs, data_samples)
        length = inputs.shape[1]
        logits = self.refine(inputs.flatten(0, 1), targets['input_masks'].flatten(0, 1))
        targets['images'] = self.data_preprocessor.colours(inputs, data_samples)
        return self.compute_losses(logits.unflatten(0, (-1, length)), targets)

    def compute_losses(self, logits: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        """See the base."""
        return self.loss_head.losses(logits, targets)
