"""The inference contract: three steps of a method, and the stream that drives them."""

import copy
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...config import check_test_options
from ...errors import ConfigError, VideoError
from ...registry import MODELS
from ...structures import FrameResult, ObjectPrompt, Prompts, VideoLike, VideoSample, VideoSource, open_video
from ..data_preprocessor import VOSDataPreprocessor
from .both_ways import both_ways
from .online import OnlineAdapter, VideoCopies
from .prompt_masks import PromptMasks
from .records import Frame, Geometry, Padding, VideoInfo
from .results import check_prompts
from .session import Session
from .view import View


class StreamingSegmentor(ABC):
    """Base class of all methods that segment videos, trained here or elsewhere.

    A method, or a wrapper of an external model, implements three steps. They work at the padded working
    resolution, with objects as slots 0..N-1 in order of first appearance:

    * :meth:`start` makes the state of a new video (anything; this class only passes it on);
    * :meth:`segment` gives the logits of the state's objects in a new frame;
    * :meth:`remember` updates the state with a frame's final probabilities, maybe of more objects than
      before.

    Ids, late objects, corrections, box prompts, resizing, padding, scales, flip, aggregation and
    post-processing are handled here, once for all methods. Steps run without gradients. Streams of one
    segmentor are independent of each other as long as everything that belongs to a video is in its state.

    Args:
        initializer: config of the box-to-mask model for box prompts, the filled box by default.
        test_cfg: ``short_side``: working resolution in pixels (None: the source's own);
            ``flip``: also run mirrored and average; ``scales``: factors on the working resolution, averaged;
            ``aggregation``: config, soft aggregation by default; ``postprocess``: configs of callables
            ``(frame, probs) -> probs`` on the averaged probabilities (N+1, H, W) at the source's resolution;
            ``online``: config of an :class:`~.OnlineAdapter`, which adapts a copy of the model per stream;
            ``direction``: ``'both'`` adds a backward pass, see :func:`~.both_ways`; ``'forward'`` by default;
            ``out_of_memory``: ``'shrink'`` halves the method's memory and repeats a step that ran out of
            device memory, with a warning; ``'raise'`` by default.

    Attributes:
        size_divisor: sides of the padded working frame are multiples of it.
        skips_prompted_frames: do not call :meth:`segment` in a frame where every known object is prompted.
        zero_masks_in_padding: remember masks as empty where a frame was padded.

    Raises:
        ConfigError: an unknown key in ``test_cfg``, or a value that it does not take.
    """

    size_divisor: int = 1
    skips_prompted_frames: bool = False
    zero_masks_in_padding: bool = False

    def __init__(self, initializer: dict | None = None, test_cfg: dict | None = None) -> None:
        self.initializer = MODELS.build(initializer or dict(type='FilledBoxInitializer'))
        check_test_options({} if test_cfg is None else test_cfg)
        self.test_cfg = dict(test_cfg or {})
        self.aggregation: Callable[[Tensor], Tensor] = MODELS.build(
            self.test_cfg.get('aggregation') or dict(type='SoftAggregation')
        )
        self.postprocess: list[Callable[[Frame, Tensor], Tensor]] = [
            MODELS.build(cfg) for cfg in self.test_cfg.get('postprocess') or ()
        ]
        online = self.test_cfg.get('online')
        self.online: OnlineAdapter | None = MODELS.build(online) if online else None

    @abstractmethod
    def start(self, video: VideoInfo) -> Any:
        """State of a new video."""

    @abstractmethod
    def segment(self, state: Any, frame: Frame) -> Tensor:
        """Logits (N, H, W) of the state's objects, independent per object, at ``frame.tensor``'s size.

        Called once per frame, before :meth:`remember`, as soon as an object is known; even where all objects
        are prompted, unless ``skips_prompted_frames``.
        """

    @abstractmethod
    def remember(self, state: Any, frame: Frame, probs: Tensor, prompted: Mapping[int, ObjectPrompt]) -> None:
        """Update the state with a frame's final probabilities; called once per frame.

        Args:
            state: of :meth:`start`.
            frame: the last segmented one, or the first with an object.
            probs: (N, H, W), aggregated; objects that enter in this frame are the last ones.
            prompted: slot -> the user's prompt for it in this frame.
        """

    def shrink(self, state: Any) -> bool:
        """Halve what a state keeps of past frames; False if it cannot. See ``test_cfg.out_of_memory``."""
        return False

    def fork(self, state: Any) -> Any:
        """An independent copy of a state; on it, :meth:`segment` may follow :meth:`remember`."""
        return copy.deepcopy(state)

    def adapted(self, original: Any) -> None:  # noqa: B027
        """Called on a copy trained for a video (:class:`OnlineAdapter`), with the model it is a copy of."""

    def normalise(self, image: np.ndarray, padding: Padding) -> Tensor:
        """Compute :attr:`Frame.tensor`, (1, 3, H, W), from the working frame, uint8 (H, W, 3) BGR."""
        return VOSDataPreprocessor(size_divisor=self.size_divisor).frame(image, padding)

    def step_context(self) -> AbstractContextManager:
        """Context of every step of a stream; never open across a ``yield``."""
        return torch.no_grad()

    # ------------------------------------------------------------------ what users call

    def stream(
        self,
        source: VideoLike,
        prompts: Mapping[int, Iterable[ObjectPrompt]],
        return_probs: bool = False,
    ) -> Iterator[FrameResult]:
        """Segment a video, one frame in, one result out, in memory independent of its length.

        With ``test_cfg.direction='both'``, masks of a backward pass are held as RLE; see :func:`both_ways`.

        Args:
            source: VideoSource, BGR arrays as a list or generator, folder or video path.
            prompts: Prompts or ``{frame: [ObjectPrompt, ...]}``; a prompt for a known object corrects it.
            return_probs: fill ``FrameResult.probs``.

        Yields:
            FrameResult: for every frame of the source; empty masks before the first prompt. A mask that
            was given as a prompt comes back verbatim.

        Raises:
            PromptError: a prompt after the last frame, of another size, or a box outside the image.
            VideoError: a frame cannot be read, or not in the order that an option needs.
            ConfigError: ``return_probs`` with ``test_cfg.direction='both'``.
        """
        source = open_video(source)
        prompts = prompts if isinstance(prompts, Prompts) else Prompts(prompts)
        check_prompts(prompts, source)
        self._check_options(source, return_probs)
        copies = None
        if self.online and self.online.all_prompts:
            copies = VideoCopies(self.online, self, PromptMasks(source, prompts, self.initializer))
        if self.direction == 'forward':
            return self._pass(source, prompts, return_probs, copies)
        return both_ways(partial(self._pass, copies=copies), source, prompts)

    @property
    def direction(self) -> str:
        """``test_cfg.direction``."""
        return self.test_cfg.get('direction', 'forward')

    def _check_options(self, source: VideoSource, return_probs: bool) -> None:
        both = self.direction == 'both'
        if both and return_probs:
            raise ConfigError(
                "return_probs: direction='both' would keep the probabilities of the whole video, which do "
                "not fit in memory. Stream with test_cfg.direction='forward'."
            )
        ahead = both or (self.online is not None and self.online.all_prompts)
        if ahead and not source.random_access:
            raise VideoError(
                f'{source.name or "the video"}: its frames can only be read in order, but '
                f'{"test_cfg.direction=both" if both else "test_cfg.online.all_prompts"} needs later frames '
                'first. Record the video, or leave the option out.'
            )

    def _pass(
        self,
        source: VideoSource,
        prompts: Prompts,
        return_probs: bool = False,
        copies: VideoCopies | None = None,
    ) -> Generator[FrameResult, None, None]:
        """One pass from the first frame to the last."""
        given = PromptMasks(source, prompts, self.initializer)
        with self.step_context():
            session = Session(given, self._views(given, copies), self.postprocess, self.normalise)
        count = 0
        for t in source.indices():
            with self.step_context():
                result = session.step(t, return_probs)
            yield result
            count = t + 1
        late = [t for t in prompts if t >= count]
        if late:
            warnings.warn(
                f'{source.name or "the video"}: ended after {count} frames, before prompts of frames {late}.',
                stacklevel=2,
            )

    def _views(self, given: PromptMasks, copies: VideoCopies | None) -> list[View]:
        """Views of a video at all scales and orientations."""
        cfg, source = self.test_cfg, given.source
        geometries = [
            Geometry.fit(source.size, cfg.get('short_side'), scale, flip, self.size_divisor, source.name)
            for scale in cfg.get('scales', (1.0,))
            for flip in ((False, True) if cfg.get('flip') else (False,))
        ]
        tracker = self.online.attach(self, given.prompts.object_ids, copies) if self.online else self
        shrinks = cfg.get('out_of_memory') == 'shrink'
        return [
            View(tracker, VideoInfo(source, g), self.normalise, self.aggregation, shrinks) for g in geometries
        ]

    def predict(
        self, inputs: list[VideoSource], data_samples: list[VideoSample]
    ) -> list[Iterator[FrameResult]]:
        """One lazy iterator per video; nothing is computed before it is consumed."""
        return [self.stream(i, s.require_prompts()) for i, s in zip(inputs, data_samples, strict=True)]

    def test_step(self, data: dict) -> list[Iterator[FrameResult]]:
        """mmengine's entry point for testing; see :meth:`predict`."""
        return self.predict(data['inputs'], data['data_samples'])

    def val_step(self, data: dict) -> list[Iterator[FrameResult]]:
        """Same as :meth:`test_step`."""
        return self.test_step(data)
