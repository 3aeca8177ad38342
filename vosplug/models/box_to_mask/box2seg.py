"""Box2Seg: the mask of an object from its box."""

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
from .crop_masks import aligned


@MODELS.register_module()
class Box2Seg(EncoderDecoder):
    """MMSegmentation's encoder and decoder on crops with the box as fourth channel.

    Voigtlaender et al. 2021, Sec. 3.1 (after Luiten et al. 2018, PReMVOS): DeepLabv3+ with Xception-65. It
    trains like any segmentor of MMSegmentation, with two classes: the object and the rest.

    Args:
        crop: ``size`` (H, W) and ``margin`` or ``relative_margin`` of :meth:`BoxCrop.around`, the same as in
            training.
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
        """The crop that the network sees for a box, xyxy in pixels, in an image of ``shape`` (H, W)."""
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
            probs = list(self.object_probs(data).cpu().numpy())
            if self.crf is None:
                return probs
            return [aligned(self.crf, p, x) for p, x in zip(probs, inputs, strict=True)]
        finally:
            self.train(was_training)

    def object_probs(self, crops: Tensor) -> Tensor:
        """Probability of the object, float32 (B, H, W), in normalised crops (B, 4, H, W); without the CRF."""
        views = torch.cat([crops, crops.flip(-1)]) if self.flip else crops
        # an exported graph takes any number of crops; MMSegmentation's heads read only the first meta
        count = 1 if torch.compiler.is_compiling() else len(views)
        metas = [dict(img_shape=crops.shape[-2:])] * count
        prob = self.encode_decode(views, metas).softmax(1)[:, 1].float()
        number = crops.shape[0]
        return (prob[:number] + prob[number:].flip(-1)) / 2 if self.flip else prob

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
