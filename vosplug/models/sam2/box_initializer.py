"""SAM 2 as a box-to-mask model."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...registry import MODELS
from ...structures import fill_box
from ...structures.box_ops import in_image
from ..box_to_mask.base import BoxToMask, Frames
from ..data_preprocessor import VOSDataPreprocessor
from .loading import load_sam2
from .prompts import box_inputs, point_inputs

AT_A_TIME = 16  # masks decoded at once


@MODELS.register_module()
class SAM2BoxInitializer(BoxToMask):
    """Masks from boxes and points by SAM 2, image by image (Ravi et al. 2024).

    As its authors advise, a box or several points give one mask, and a single point the best of three.

    Args:
        model: name on the Hugging Face Hub, a folder, or the loaded model.
        refine: see :class:`BoxToMask`.
        inside_box: set the mask to 0 outside the box.
        local_files_only: look up a name only in the cache, never on the network.

    Raises:
        ConfigError: transformers is not installed, or too old.
        CheckpointError: see :func:`~.loading.load_sam2`.
    """

    def __init__(
        self,
        model: Any,
        refine: bool = False,
        inside_box: bool = True,
        local_files_only: bool = False,
    ) -> None:
        super().__init__(refine)
        loaded = load_sam2(model, local_files_only) if isinstance(model, str | Path) else model.eval()
        # in a tuple, so no submodule: its weights stay in their own file, and it stays in eval mode
        self._model = (loaded,)
        self.preprocessor = VOSDataPreprocessor()  # with ImageNet's mean and deviation, as SAM 2
        self.inside_box = inside_box

    @property
    def model(self) -> Any:
        """The ``transformers`` model."""
        return self._model[0]

    @property
    def device(self) -> torch.device:
        """Device of the model."""
        return self.preprocessor.mean.device

    @property
    def image_size(self) -> int:
        """Side of the square that the model sees, in pixels."""
        return self.model.config.prompt_encoder_config.image_size

    def _apply(self, fn: Callable, recurse: bool = True) -> 'SAM2BoxInitializer':
        self.model._apply(fn, recurse)
        return super()._apply(fn, recurse)

    @property
    def settings(self) -> dict:
        """See the base; includes the weights, since they are not in the state dict."""
        digest = hashlib.sha256()
        for value in self.model.state_dict().values():
            digest.update(value.cpu().contiguous().numpy().tobytes())
        return {**super().settings, 'weights': digest.hexdigest()}

    def pixels(self, image: np.ndarray) -> Tensor:
        """Model input for an image (H, W, 3): all of it, resized to a normalised square (1, 3, S, S)."""
        whole = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None]
        # in 8 bits, on the CPU: a GPU rounds differently
        square = F.interpolate(whole, (self.image_size,) * 2, mode='bilinear', antialias=True)
        return self.preprocessor.normalise(square.to(self.device))

    @torch.no_grad()
    def forward(self, frames: Frames, t: int, boxes: Mapping[int, np.ndarray]) -> np.ndarray:
        """See the base."""
        image = frames[t]
        shape = image.shape[:2]
        masks = np.zeros((len(boxes[t]), *shape), np.float32)
        shown = [n for n, box in enumerate(boxes[t]) if in_image(box, shape)]
        if shown:
            corners = [box_inputs(boxes[t][n], shape, self.image_size) for n in shown]
            masks[shown] = self._masks(image, *map(torch.stack, zip(*corners, strict=True)))
        for n in shown if self.inside_box else ():
            masks[n] *= fill_box(boxes[t][n], shape)
        return masks

    @torch.no_grad()
    def from_points(self, image: np.ndarray, points: np.ndarray) -> np.ndarray:
        """See the base."""
        coords, labels = point_inputs(points, image.shape[:2], self.image_size)
        return self._masks(image, coords[None], labels[None])[0]

    def _masks(self, image: np.ndarray, coords: Tensor, labels: Tensor) -> np.ndarray:
        """Probabilities (N, H, W) from prompts (N, P, 2) in the model's pixels and their labels (N, P)."""
        features = self.model.get_image_embeddings(self.pixels(image))
        masks = []
        for some, kinds in zip(coords.split(AT_A_TIME), labels.split(AT_A_TIME), strict=True):
            logits = self._logits(features, some.to(self.device), kinds.to(self.device))
            whole = F.interpolate(logits[None], image.shape[:2], mode='bilinear', align_corners=False)[0]
            masks.append(whole.sigmoid().cpu().numpy())
        return np.concatenate(masks)

    def _logits(self, features: list[Tensor], coords: Tensor, labels: Tensor) -> Tensor:
        """Logits (N, h, w) at the decoder's resolution."""
        model, single = self.model, labels.shape[1] == 1
        sparse, dense = model.get_prompt_embeddings(input_points=coords[None], input_labels=labels[None])
        logits, quality, *_ = model.mask_decoder(
            image_embeddings=features[-1],
            image_positional_embeddings=model.get_image_wide_positional_embeddings(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=single,
            high_resolution_features=features[:-1],
        )
        best = quality[0].argmax(-1)
        return logits[0][torch.arange(len(best)), best].float()
