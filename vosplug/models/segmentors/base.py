"""What every method shares: the two contracts, training and streaming inference."""

from abc import ABCMeta, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from mmengine.model import BaseModel
from torch import Tensor

from ...errors import ConfigError
from ...registry import MODELS
from ...structures import (
    FrameResult,
    ObjectPrompt,
    Prompts,
    Supervision,
    VideoSample,
    VideoSource,
    VOSDataSample,
    open_video,
)
from ..aggregation import soft_aggregate
from .clip_start import first_masks
from .inference_view import InferenceView
from .stream_ends import check_prompts, make_result

TEST_OPTIONS = {'short_side', 'flip', 'scales'}


class BaseVideoSegmentor(BaseModel, metaclass=ABCMeta):
    """Base of all segmentors.

    A method implements training in :meth:`encode_clip` and :meth:`clip_logits`, and inference in three
    steps, all on the padded working resolution and with objects indexed in order of first appearance:

    * :meth:`start` makes the state of a new video (anything; this class only passes it on);
    * :meth:`segment` gives the logits of the state's objects in a new frame;
    * :meth:`remember` takes the frame's final probabilities, maybe of more objects than before.

    Id bookkeeping, objects entering late, corrections, box prompts, resizing, padding, soft aggregation,
    multi-scale and flip are done here, once for all methods.

    Args:
        data_preprocessor: config.
        initializer: box -> mask for box prompts, config.
        test_cfg: ``short_side``: working resolution in pixels (None: the source's own);
            ``flip``: also run mirrored and average; ``scales``: factors on the working resolution, averaged.
        init_cfg: mmengine's.

    Raises:
        ConfigError: an unknown key in ``test_cfg``.
    """

    size_divisor = 16
    blank_padding = False  # whether inference remembers masks as empty where a frame was padded

    def __init__(
        self,
        data_preprocessor: dict | None = None,
        initializer: dict | None = None,
        test_cfg: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor or dict(type='vosplug.VOSDataPreprocessor'), init_cfg)
        self.initializer = MODELS.build(initializer or dict(type='FilledBoxInitializer'))
        self.test_cfg = dict(test_cfg or {})
        unknown = set(self.test_cfg) - TEST_OPTIONS
        if unknown:
            raise ConfigError(f'model.test_cfg: unknown {sorted(unknown)}; known are {sorted(TEST_OPTIONS)}.')

    # ------------------------------------------------------------------ what a method implements

    @abstractmethod
    def encode_clip(self, inputs: Tensor) -> Any:
        """What :meth:`clip_logits` needs of normalised clips (B, T, 3, H, W); computed once per clip."""

    @abstractmethod
    def clip_logits(self, clip: Any, frames: Sequence[int], masks: Tensor, valid: Tensor) -> Tensor:
        """Logits of a walk through clips, of all its frames but the first.

        Args:
            clip: of :meth:`encode_clip`.
            frames: the K frames of the walk, in order; one may come twice.
            masks: (B, N, H, W) in [0, 1], the objects in the first of them.
            valid: bool (B, N), False for slots that only fill the batch.

        Returns:
            Tensor: (B, K-1, N, H, W), independent per object.
        """

    @abstractmethod
    def compute_losses(self, logits: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        """Losses of a clip, usually those of a :class:`~vosplug.models.heads.BaseMaskHead`.

        Args:
            logits: (B, T, N, H, W); the first frame is among them where boxes were refined.
            targets: as :meth:`stack_targets` makes them, of the frames of ``logits``; and ``images``, RGB in
                0..255 (B, T, 3, H, W), NaN where a clip was padded.
        """

    @abstractmethod
    def start(self) -> Any:
        """State of a new video."""

    @abstractmethod
    def segment(self, state: Any, t: int, image: Tensor) -> Tensor:
        """Logits (N, H, W) of the state's objects in frame ``t``, normalised (1, 3, H, W)."""

    @abstractmethod
    def remember(self, state: Any, t: int, image: Tensor, probs: Tensor, prompted: bool) -> None:
        """Take the final probabilities (N, H, W) of frame ``t``; ``prompted``: the user gave some.

        A second call for the same frame replaces the first.
        """

    # ------------------------------------------------------------------ training

    def forward(self, inputs, data_samples=None, mode: str = 'tensor'):
        """MMSegmentation's three modes.

        Args:
            inputs: ``loss`` and ``tensor``: normalised clips (B, T, 3, H, W); ``predict``: list of
                VideoSource.
            data_samples: list of VOSDataSample, or of VideoSample for ``predict``.
            mode: ``'loss'``: dict of losses; ``'predict'``: one iterator of FrameResult per video;
                ``'tensor'``: logits (B, T-1, N, H, W).
        """
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        if mode == 'tensor':
            return self._walk(inputs, self.stack_targets(data_samples))[0]
        raise ConfigError(f"forward mode {mode!r}: expected 'loss', 'predict' or 'tensor'.")

    def loss(self, inputs: Tensor, data_samples: list[VOSDataSample]) -> dict[str, Tensor]:
        """Losses of a batch of clips; supervision may differ per frame and object."""
        targets = self.stack_targets(data_samples)
        logits, first = self._walk(inputs, targets)
        if first is None:
            supervised = {k: v if k == 'valid' else v[:, 1:] for k, v in targets.items()}
            images = inputs[:, 1:]
        else:
            logits, images = torch.cat([first, logits], 1), inputs
            # a mask that was given is no prediction
            given = targets['supervision'][:, :1] == Supervision.MASK
            kinds = targets['supervision'][:, :1].masked_fill(given, int(Supervision.NONE))
            supervised = {**targets, 'supervision': torch.cat([kinds, targets['supervision'][:, 1:]], 1)}
        supervised['images'] = self._colours(images, data_samples)
        return self.compute_losses(logits, supervised)

    def _walk(self, inputs: Tensor, targets: dict[str, Tensor]) -> tuple[Tensor, Tensor | None]:
        """Logits (B, T-1, N, H, W), and those (B, 1, N, H, W) behind refined boxes.

        With ``initializer.refine`` the first frame of an object that is known by its box is segmented with
        the initializer's mask in memory, and what comes out starts the clip, as in inference: later frames
        then learn from masks, not from boxes.
        """
        clip, valid = self.encode_clip(inputs), targets['valid']
        masks = first_masks(targets, self.data_preprocessor.denormalise(inputs[:, 0]), self.initializer)
        from_box = (targets['supervision'][:, 0] == Supervision.BOX) & valid
        first = None
        if self.initializer.refine and from_box.any():
            first = self.clip_logits(clip, [0, 0], masks, valid)
            prob = first[:, 0].sigmoid() * valid[..., None, None]
            refined = soft_aggregate(prob).softmax(1)[:, 1:]
            masks = torch.where(from_box[..., None, None], refined, masks)
        return self.clip_logits(clip, range(inputs.shape[1]), masks, valid), first

    def _colours(self, images: Tensor, data_samples: list[VOSDataSample]) -> Tensor:
        """RGB in 0..255 of normalised clips, NaN where they were padded."""
        colours = self.data_preprocessor.denormalise(images)
        for clip, sample in zip(colours, data_samples, strict=True):
            height, width = sample.img_shape
            clip[..., height:, :] = clip[..., width:] = torch.nan
        return colours

    @staticmethod
    def stack_targets(data_samples: list[VOSDataSample]) -> dict[str, Tensor]:
        """Fields of :class:`VOSDataSample`, stacked over the batch."""
        keys = ('id_masks', 'boxes', 'visible', 'supervision', 'valid')
        return {key: torch.stack([getattr(sample, key) for sample in data_samples]) for key in keys}

    # ------------------------------------------------------------------ inference

    def predict(
        self, inputs: list[VideoSource], data_samples: list[VideoSample]
    ) -> list[Iterator[FrameResult]]:
        """One lazy iterator per video; nothing is computed before it is drained."""
        return [self.stream(i, s.prompts) for i, s in zip(inputs, data_samples, strict=True)]

    def test_step(self, data: dict) -> list[Iterator[FrameResult]]:
        """mmengine's entry for testing; see :meth:`predict`."""
        return self.predict(data['inputs'], data['data_samples'])

    def val_step(self, data: dict) -> list[Iterator[FrameResult]]:
        """Same as :meth:`test_step`."""
        return self.test_step(data)

    def stream(self, source, prompts, return_probs: bool = False) -> Iterator[FrameResult]:
        """Segment a video, one frame in, one result out, in memory independent of its length.

        Args:
            source: VideoSource, list of BGR arrays, folder or video path.
            prompts: Prompts or ``{frame: [ObjectPrompt, ...]}``; a known object's prompt corrects it.
            return_probs: fill ``FrameResult.probs``.

        Yields:
            FrameResult: for every frame of the source; empty masks before the first prompt. A mask that
            was given as a prompt comes back verbatim.

        Raises:
            PromptError: a prompt behind the last frame, of another size, or a box outside the image.
            VideoError: a frame cannot be read.
        """
        source = open_video(source)
        prompts = prompts if isinstance(prompts, Prompts) else Prompts(prompts)
        check_prompts(prompts, source)
        return self._stream(source, prompts, return_probs)

    @torch.no_grad()
    def _stream(self, source: VideoSource, prompts: Prompts, return_probs: bool) -> Iterator[FrameResult]:
        was_training = self.training
        self.eval()
        views = [
            InferenceView(self, source.size, scale, flip)
            for scale in self.test_cfg.get('scales', (1.0,))
            for flip in ((False, True) if self.test_cfg.get('flip') else (False,))
        ]
        ids: list[int] = []
        try:
            for t, name in enumerate(source.frame_names):
                frame = source[t]
                given = {p.object_id: self._prompt_mask(p, frame) for p in prompts.get(t, [])}
                ids += [i for i in given if i not in ids]
                slots = {ids.index(i): mask for i, mask in given.items()}
                refined = self._refined_slots(prompts.get(t, []), ids)
                probs = sum(v.step(t, frame, slots, refined) for v in views) / len(views) if ids else None
                exact = {p.object_id: p.mask for p in prompts.get(t, []) if p.kind == 'mask'}
                yield make_result(t, name, source.size, probs, ids, exact, return_probs)
        finally:
            self.train(was_training)

    def _refined_slots(self, prompts: list[ObjectPrompt], ids: list[int]) -> list[int]:
        if not self.initializer.refine:
            return []
        return [ids.index(p.object_id) for p in prompts if p.kind == 'box']

    def _prompt_mask(self, prompt, frame: np.ndarray) -> np.ndarray:
        """float32 (H, W) probabilities of a prompted object."""
        if prompt.kind == 'mask':
            return prompt.mask.astype(np.float32)
        return self.initializer(frame, prompt.box)
