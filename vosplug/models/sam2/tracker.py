"""SAM 2 as a tracker."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...errors import ConfigError
from ...registry import MODELS
from ...structures import ObjectPrompt
from ..streaming import Frame, StreamingSegmentor, VideoInfo
from ..streaming.records import Padding
from .box_initializer import SAM2BoxInitializer
from .loading import import_transformers, load_sam2
from .prompts import add_prompt


@MODELS.register_module()
class SAM2Tracker(StreamingSegmentor, nn.Module):
    """SAM 2 (Ravi et al. 2024) by ``transformers.Sam2VideoModel``; objects are tracked independently.

    An object's prompted frames condition all later ones; in addition, its last six masks and last fifteen
    pointers are remembered. These are the model's own masks: aggregation, post-processing and other objects
    change only the results.

    Args:
        model: name on the Hugging Face Hub, a folder, or the loaded ``Sam2VideoModel``.
        initializer: None: SAM 2 takes boxes and points directly. A config: it gets the masks that this
            box-to-mask model makes of them.
        test_cfg: see :class:`StreamingSegmentor`. By default a pixel belongs to the object with the highest
            score; the model sees a square of its own size, so ``short_side`` and ``scales`` only add cost.
        max_prompted: number of prompted frames kept for each object: the first and the most recent ones.
        local_files_only: look up a name only in the cache, never on the network.

    Raises:
        ConfigError: transformers is not installed, or too old; ``max_prompted`` below 2; see also the base.
        CheckpointError: see :func:`~.loading.load_sam2`.
    """

    skips_prompted_frames = True

    def __init__(
        self,
        model: Any,
        initializer: dict | None = None,
        test_cfg: dict | None = None,
        max_prompted: int = 16,
        local_files_only: bool = False,
    ) -> None:
        nn.Module.__init__(self)
        aggregation = dict(type='MaxScoreAggregation')
        StreamingSegmentor.__init__(self, initializer, {'aggregation': aggregation, **(test_cfg or {})})
        if max_prompted < 2:
            raise ConfigError(f'SAM2Tracker.max_prompted: found {max_prompted}, expected 2 or more.')
        if isinstance(model, str | Path):
            model = load_sam2(model, local_files_only, video=True)
        self.max_prompted = max_prompted
        self.images = SAM2BoxInitializer(model, inside_box=False)
        if initializer is None:
            self.initializer = self.images

    @property
    def model(self) -> Any:
        """The ``transformers`` model."""
        return self.images.model

    def normalise(self, image: np.ndarray, padding: Padding) -> Tensor:
        """See the base; the model's own input has another size, see :meth:`SAM2BoxInitializer.pixels`."""
        return self.images.preprocessor.frame(image, padding)

    def start(self, video: VideoInfo) -> list[Any]:
        """No sessions yet; every object will have its own, so that objects do not influence each other."""
        return []

    def segment(self, state: list[Any], frame: Frame) -> Tensor:
        """See the base."""
        logits = torch.cat([self._step(session, frame) for session in state])
        size = frame.tensor.shape[-2:]
        return F.interpolate(logits.float(), size, mode='bilinear', align_corners=False)[:, 0]

    def remember(
        self, state: list[Any], frame: Frame, probs: Tensor, prompted: Mapping[int, ObjectPrompt]
    ) -> None:
        """Run the model with each prompt; other objects were remembered while they were segmented."""
        for slot, prompt in sorted(prompted.items()):
            if slot == len(state):
                state.append(self._new_session(state))
            session, t = state[slot], frame.index
            # a correction replaces what was predicted here
            session.output_dict_per_obj[0]['non_cond_frame_outputs'].pop(t, None)
            session.frames_tracked_per_obj[0].pop(t, None)
            if prompt.mask is None and self.initializer is not self.images:
                mask = frame.geometry.to_source(probs[slot : slot + 1])[0] > 0.5
                prompt = ObjectPrompt(prompt.object_id, mask=mask.cpu().numpy())
            add_prompt(session, t, prompt, frame.geometry, self.images.image_size)
            session.obj_with_new_inputs = [0]
            self._step(session, frame)
            session.remove_mask_inputs(0, t)
            session.remove_point_inputs(0, t)

    def _new_session(self, state: list[Any]) -> Any:
        device = self.images.device
        session = import_transformers().Sam2VideoInferenceSession(
            inference_device=device,
            inference_state_device=device,
            video_storage_device=device,
            dtype=self.model.dtype,
        )
        session.obj_id_to_idx(0)
        if state:
            session.cache = state[0].cache  # all objects share the features of the frame
        return session

    def _step(self, session: Any, frame: Frame) -> Tensor:
        """Logits (1, 1, h, w) of a session's object in a frame, which the session then remembers."""
        pixels = frame.once(self, 'pixels', lambda: self._pixels(frame))
        logits = self.model(session, frame_idx=frame.index, frame=pixels[0]).pred_masks
        session.processed_frames = None
        self._forget(session, frame.index)
        return logits

    def _pixels(self, frame: Frame) -> Tensor:
        return self.images.pixels(frame.geometry.to_work(frame.image))

    def _forget(self, session: Any, t: int) -> None:
        """Drop what no later frame reads; a session would keep all frames of a video."""
        config, outputs = self.model.config, session.output_dict_per_obj[0]
        tracked, prompted = outputs['non_cond_frame_outputs'], outputs['cond_frame_outputs']
        masks, pointers = config.num_maskmem, max(config.num_maskmem, config.max_object_pointers_in_encoder)
        for k in [k for k in tracked if k <= t - pointers]:
            del tracked[k]
        for k in sorted(prompted)[1 : len(prompted) - self.max_prompted + 1]:
            del prompted[k]
        for output in (*tracked.values(), *prompted.values()):
            output.pop('high_res_masks', None)
        for k in [k for k in tracked if k <= t - masks]:
            tracked[k].pop('maskmem_features', None)
            tracked[k].pop('maskmem_pos_enc', None)
        seen = session.frames_tracked_per_obj[0]
        for k in [k for k in seen if k < t]:
            del seen[k]
