"""Box2Seg: the mask of an object whose box is known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmseg.models.segmentors import EncoderDecoder
from torch import Tensor

from ...registry import MODELS
from ...structures import BoxCrop
from ...structures.box_crop import check_crop
from ..postprocess import DenseCRF


@MODELS.register_module()
class Box2Seg(EncoderDecoder):
    """MMSegmentation's encoder and decoder on crops with the box as fourth channel.

    Voigtlaender et al. 2021, Sec. 3.1 (after Luiten et al. 2018, PReMVOS): DeepLabv3+ with Xception-65. It
    trains as any segmentor of MMSegmentation does, with two classes: the object and the rest.

    Args:
        crop: ``size`` (H, W) and ``margin`` or ``relative_margin`` of :meth:`BoxCrop.around`; those it is
            trained with.
        flip: average each crop's probabilities with those of its mirror image, which takes twice the time.
        crf: options of a :class:`~vosplug.models.DenseCRF` that aligns each crop's mask with colour edges, at
            the crop's resolution; None: no CRF.
        kwargs: of ``mmseg.EncoderDecoder``; backbone and head take 4 input channels and give 2 classes.

    Raises:
        ConfigError: an invalid size or margin.
    """

    def __init__(self, crop: dict, flip: bool = False, crf: dict | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.flip = flip
        self.crf_options = crf
        self.crf = None if crf is None else DenseCRF(**crf)
        self.crop = {**crop, 'size': tuple(crop['size'])}
        check_crop(**self.crop)

    def crop_of(self, box: np.ndarray, shape: tuple[int, int]) -> BoxCrop:
        """The crop that the network sees of a box, xyxy in pixels, in an image of ``shape`` (H, W)."""
        return BoxCrop.around(box, shape, **self.crop)

    @torch.no_grad()
    def crop_probs(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Probability of the object in each crop.

        Args:
            inputs: uint8 (4, H, W) each, of :meth:`BoxCrop.image`.

        Returns:
            list[np.ndarray]: float32 (H, W) each.
        """
        was_training = self.training
        self.eval()
        try:
            data = self.data_preprocessor(dict(inputs=[torch.from_numpy(x) for x in inputs]))['inputs']
            meta = dict(img_shape=inputs[0].shape[1:])
            views = torch.cat([data, data.flip(-1)]) if self.flip else data
            prob = self.encode_decode(views, [meta] * len(views)).softmax(1)[:, 1].float()
            if self.flip:
                prob = (prob[: len(data)] + prob[len(data) :].flip(-1)) / 2
            return [self._aligned(p, x) for p, x in zip(prob.cpu(), inputs, strict=True)]
        finally:
            self.train(was_training)

    def _aligned(self, prob: Tensor, crop: np.ndarray) -> np.ndarray:
        if self.crf is not None:
            image = np.ascontiguousarray(crop[2::-1].transpose(1, 2, 0))
            prob = self.crf.align(image, torch.stack([1 - prob, prob]))[1]
        return prob.numpy()

    def mask_prob(self, image: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Probability of the object in a box.

        Args:
            image: uint8 (H, W, 3) BGR.
            box: float (4,) xyxy in pixels; overlaps the image.

        Returns:
            np.ndarray: float32 (H, W); 0 outside of the crop.
        """
        crop = self.crop_of(box, image.shape[:2])
        return crop.paste(self.crop_probs([crop.image(image)])[0])
