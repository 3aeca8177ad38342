"""Base class of video datasets: clips for training, whole videos for testing."""

import logging
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from ..config import check_arguments
from ..errors import AnnotationError, ConfigError, FlowError, VideoError, VOSError
from ..registry import TRANSFORMS, short_name
from ..structures import Prompts, VideoSample
from .annotated_prompts import make_prompts, repeat_prompts
from .clip_sampler import ClipSampler
from .video_record import VideoRecord

SUPERVISIONS = ('mask', 'box', 'first_mask')
PROMPT_KINDS = ('mask', 'box')
_ATTEMPTS = 10  # items to draw in place of one that cannot be read


class _LeftOut(Exception):
    """A transform returned None; the message is its name."""


class BaseVideoDataset(BaseDataset):
    """A list of videos; subclasses implement how to list and open them.

    In training an item is a clip: ``clip_sampler`` picks frames and objects, ``pipeline`` loads and
    transforms them. In testing an item is ``dict(inputs=VideoSource, data_samples=VideoSample)``.

    Args:
        clip_sampler: arguments of :class:`ClipSampler`.
        supervision: what training may see: ``'mask'`` or ``'box'`` in every frame, or ``'first_mask'``: masks
            in the first frame of each clip, wherever it lies in the video, and boxes in the others (Skogh
            2024, Tables 4.5 and 4.6).
        prompt: kind of the prompts of a test video, ``'mask'`` or ``'box'``.
        prompt_every: prompt the objects of a test video again in every k-th annotated frame, counted from the
            first, where they are visible (Perazzi et al. 2017, Sec. 5.4); None: only in each object's first
            frame.
        short_videos: how to handle training videos with fewer frames than the shortest clip: ``'error'``
            when one is drawn, or ``'drop'`` all of them at the start, which is logged.
        on_error: how to handle unreadable videos and masks in training: ``'raise'``, or ``'skip'``: the item
            is logged, and another one, which depends on its index only, is drawn. Testing always raises.
        max_skipped: number of different items that may be skipped; one more is an error.
        share: use this share of the videos, a random choice that only depends on the data list; a smaller
            share is a subset of a larger one (Xu et al. 2018, Table 4).
        pipeline: transforms of a training clip. If one returns None, the clip is discarded, and the clip of
            another item is drawn.
        pipeline_options: type of a transform -> arguments that override those in ``pipeline``, since a config
            that inherits a list cannot change a part of it.
        max_refetch: how many clips in a row the pipeline may discard.
        kwargs: of ``mmengine.dataset.BaseDataset``.

    Attributes:
        annotated_every: source frames from one annotated frame to the next; a clip sampler's ``max_gap``
            counts source frames.

    Raises:
        ConfigError: an argument of the wrong type, an unknown kind of supervision or prompt, ``prompt_every``
            below 1, an unknown rule for short videos, a share out of range, or options for a transform that
            is not in the pipeline.
        AnnotationError: all videos are too short.
    """

    annotated_every: int = 1

    def __new__(cls, *args, **kwargs) -> Self:
        """Check the types of arguments before any constructor uses them."""
        check_arguments(cls, kwargs, args=args)
        return super().__new__(cls)

    def __init__(
        self,
        *args,
        clip_sampler: dict | None = None,
        supervision: str = 'mask',
        prompt: str = 'mask',
        prompt_every: int | None = None,
        short_videos: str = 'error',
        on_error: str = 'raise',
        max_skipped: int = 10,
        share: float = 1.0,
        pipeline: Sequence[dict | Callable] = (),
        pipeline_options: Mapping[str, dict] | None = None,
        max_refetch: int = 100,
        **kwargs,
    ) -> None:
        for key, value, known in (
            ('supervision', supervision, SUPERVISIONS),
            ('prompt', prompt, PROMPT_KINDS),
            ('short_videos', short_videos, ('error', 'drop')),
            ('on_error', on_error, ('raise', 'skip')),
        ):
            if value not in known:
                raise ConfigError(f'{type(self).__name__}.{key}: found {value!r}, expected one of {known}.')
        if prompt_every is not None and prompt_every < 1:
            raise ConfigError(
                f'{type(self).__name__}.prompt_every: found {prompt_every}, expected 1 or more, or None.'
            )
        data_root = kwargs.get('data_root', '')
        if not isinstance(data_root, str | Path):
            raise ConfigError(
                f'{type(self).__name__}.data_root: found {data_root!r:.80}, expected the path of a folder.'
            )
        check_arguments(ClipSampler, clip_sampler or {}, 'clip_sampler')
        self.clip_sampler = ClipSampler(**{'annotated_every': self.annotated_every, **(clip_sampler or {})})
        self.supervision = supervision
        self.prompt, self.prompt_every = prompt, prompt_every
        if not 0 < share <= 1:
            raise ConfigError(f'{type(self).__name__}.share: found {share}, expected above 0, up to 1.')
        self.short_videos, self.share = short_videos, share
        self.on_error, self.max_skipped = on_error, max_skipped
        steps = self._build_steps(pipeline, pipeline_options or {})
        super().__init__(*args, pipeline=steps, max_refetch=max_refetch, **kwargs)

    def _build_steps(
        self, pipeline: Sequence[dict | Callable], options: Mapping[str, dict]
    ) -> list[Callable]:
        """The transforms; mmengine would look for them in the current default scope."""
        options = {short_name(kind): changed for kind, changed in options.items()}
        types = [short_name(step['type']) if isinstance(step, dict) else '' for step in pipeline]
        if not set(options) <= set(types):
            raise ConfigError(
                f'{type(self).__name__}.pipeline_options: found {sorted(options)}, the pipeline has '
                f'{[*filter(None, types)]}.'
            )
        return [
            TRANSFORMS.build({**step, **options.get(kind, {})}) if kind else step
            for kind, step in zip(types, pipeline, strict=True)
        ]

    def full_init(self) -> None:
        """See mmengine."""
        if self._fully_initialized:
            return
        super().full_init()
        # shared: data loader workers see each other's skipped items
        self._skipped = torch.zeros(len(self), dtype=torch.bool).share_memory_()

    @abstractmethod
    def load_data_list(self) -> list[dict]:
        """One small picklable dict per video."""

    @abstractmethod
    def open_video(self, info: dict) -> VideoRecord:
        """Open the video that an entry of the data list describes."""

    def filter_data(self) -> list[dict]:
        """The share of the data list, without the videos that ``short_videos`` drops."""
        if not self.data_list:
            raise AnnotationError(
                f'{self.ann_file or self.data_root or type(self).__name__}: lists no videos, expected at '
                'least one.'
            )
        chosen = np.random.RandomState(0).permutation(len(self.data_list))
        items = [self.data_list[k] for k in sorted(chosen[: max(1, round(self.share * len(chosen)))])]
        if self.test_mode or self.short_videos == 'error':
            return items
        needed, kept, dropped = self.clip_sampler.num_frames[0], [], []
        for info in items:
            record = self.open_video(info)
            if len(self.clip_sampler.pool(record.annotation.annotated_frames())) < needed:
                dropped.append(record.name)
            else:
                kept.append(info)
        some = ', '.join(dropped[:5]) + ', ...' * (len(dropped) > 5)
        message = (
            f'{type(self).__name__}: {len(dropped)} of {len(items)} videos have fewer than {needed} '
            f'{self.clip_sampler.pool_name}, which a clip needs: {some}.'
        )
        if not kept:
            raise AnnotationError(f'{message} No video is left; lower num_frames of the clip sampler.')
        if dropped:
            print_log(f'{message} They are skipped.', logger='current', level=logging.WARNING)
        return kept

    def prepare_data(self, idx: int) -> dict:
        """A transformed training clip, or a whole test video."""
        if self.test_mode:
            record = self.open_video(self.get_data_info(idx))
            return dict(inputs=record.source, data_samples=self.test_sample(record))
        return self._first_usable(idx, lambda k: self._transformed(self._clip(k)))

    def _first_usable(self, idx: int, make: Callable[[int], dict]) -> dict:
        """Make an item, or others as long as the pipeline discards their clips.

        Raises:
            ConfigError: it discards too many in a row.
        """
        for _ in range(self.max_refetch + 1):
            try:
                return self._first_readable(idx, make)
            except _LeftOut as left_out:
                step, idx = str(left_out), self._rand_another()
        raise ConfigError(
            f'{type(self).__name__}.pipeline: {step} returned None for {self.max_refetch + 1} clips in a '
            'row, expected the dict of the clip; end it with `return results`. If it rejects clips on '
            'purpose, remove the unsuitable videos from the dataset, or raise max_refetch.'
        )

    def _first_readable(self, idx: int, make: Callable[[int], dict]) -> dict:
        """Make an item, or others as long as they are unreadable and ``on_error`` skips them."""
        for attempt in range(_ATTEMPTS if self.on_error == 'skip' else 0):
            try:
                return make(idx)
            except (VideoError, AnnotationError, FlowError) as error:
                self._skip(idx, error)
                idx = np.random.RandomState([idx, attempt]).randint(len(self))
        return make(idx)

    def _clip(self, idx: int) -> dict:
        """A clip as passed to the pipeline."""
        record = self.open_video(self.get_data_info(idx))
        frames, object_ids = self.clip_sampler.sample(record.annotation, np.random, record.name)
        return dict(
            record=record,
            frames=frames,
            object_ids=object_ids,
            kind=self.supervision,
            another=self._another,
        )

    def _another(self, transform: Callable) -> dict:
        """A random training clip in its state before one of the pipeline's transforms."""

        def before(idx: int) -> dict:
            return self._transformed(self._clip(idx), transform)

        return self._first_usable(np.random.randint(len(self)), before)

    def _transformed(self, results: dict, before: Callable | None = None) -> dict:
        """A clip after the pipeline, or in its state before one of its transforms."""
        for step in self.pipeline.transforms:
            if step is before:
                break
            results = step(results)
            if results is None:
                raise _LeftOut(getattr(step, '__name__', type(step).__name__))
        return results

    def _skip(self, idx: int, error: VOSError) -> None:
        """Log an item that cannot be read.

        Raises:
            VOSError: too many have been skipped.
        """
        self._skipped[idx] = True
        count, name = int(self._skipped.sum()), type(self).__name__
        if count > self.max_skipped:
            raise type(error)(
                f'{error} {name} has skipped {count} items, more than max_skipped={self.max_skipped}. Repair '
                'the files that the log names, or raise max_skipped.'
            ) from None
        print_log(
            f'{name}: item {idx} is skipped, {count} of at most {self.max_skipped}. {error}',
            logger='current',
            level=logging.WARNING,
        )

    def video_length(self, idx: int) -> int:
        """Frames of a video, without reading its annotation."""
        return len(self.open_video(self.get_data_info(idx)).source)

    def test_sample(self, record: VideoRecord) -> VideoSample:
        """Prompts and ground truth of a test video.

        Raises:
            AnnotationError: no object to prompt.
        """
        try:
            prompts = self.test_prompts(record)
            if self.prompt_every is not None:
                prompts = repeat_prompts(prompts, record.annotation, self.prompt_every, self.prompt)
        except AnnotationError as error:
            raise AnnotationError(f'video {record.name}: {error}') from None
        return VideoSample(
            name=record.name,
            source=record.source,
            prompts=prompts,
            annotation=record.annotation,
            eval_frames=record.annotation.annotated_frames(),
            categories=record.categories,
            metainfo=record.metainfo,
        )

    def test_prompts(self, record: VideoRecord) -> Prompts:
        """Prompts in the first annotated frame (the DAVIS rule; other datasets override it)."""
        frames = record.annotation.annotated_frames()
        if not frames:
            raise AnnotationError('no frame is annotated. Add masks or boxes, or leave the video out.')
        prompts = make_prompts(record.annotation, frames[0], self.prompt)
        if not prompts:
            raise AnnotationError(f'frame {frames[0]} is annotated but shows no object.')
        return Prompts({frames[0]: prompts})
