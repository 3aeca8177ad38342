"""Runs box-to-mask models over videos, with fine-tuning to objects with manual masks."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mmcv.transforms import Compose

from ..errors import ConfigError, VideoError
from ..formats.rle import encode_mask
from ..models import Box2Seg, BoxToMask
from ..models.box_to_mask import as_box_to_mask
from ..models.build import build_model, checked_device
from ..models.streaming import adapted_copy, augmented_samples, seeded, still_clip
from ..registry import TRANSFORMS
from ..structures import LastFrameSource, VideoSource
from .box_video import BoxVideo, why_unusable
from .lazy_values import LazyValues

# settings of the box-to-mask model that wraps a network
OPTIONS = ('inside_box', 'batch_size', 'frames', 'interval')
HELD_FRAMES = 9  # decoded frames kept, for models that use several frames per object


class ObjectMask(NamedTuple):
    """Mask that the model predicts for one box."""

    rle: str  # RLE, at the frame's size
    score: float  # mean probability over the mask's pixels, in [0, 1]; 0 for an empty mask


class Labeller:
    """Runs a box-to-mask model over the boxes of a video, fine-tuned to every object that has manual masks.

    Voigtlaender et al. 2021, Sec. 3.1.

    Args:
        model: the model.
        fine_tune: ``pipeline`` (transforms of a clip of one frame), ``steps``, ``batch_size`` and
            ``optim_wrapper``, and optionally other arguments of
            :func:`~vosplug.models.streaming.adapted_copy`; required for manual masks.
        seed: of fine-tuning.
    """

    def __init__(self, model: BoxToMask, fine_tune: dict | None = None, seed: int = 0) -> None:
        self.model, self.seed = model, seed
        # called during fine-tuning with the number of finished samples and the total; may raise
        self.on_sample: Callable[[int, int], None] | None = None
        self.fine_tune = dict(fine_tune or {})
        settings = [model.settings, self.fine_tune, seed]
        digest = hashlib.sha256(json.dumps(settings, default=_text, sort_keys=True).encode())
        for value in (model.network or model).state_dict().values():
            digest.update(value.cpu().contiguous().numpy().tobytes())
        self.digest = digest.hexdigest()  # of weights and settings
        self.pipeline = Compose([TRANSFORMS.build(dict(t)) for t in self.fine_tune.pop('pipeline', [])])

    def fingerprint(self, video: BoxVideo, object_id: int, manual: Mapping[str, np.ndarray]) -> str:
        """Hash of all inputs of an object's masks: weights, settings, frames, boxes and manual masks."""
        content = [self.digest, video.name, object_id, video.frames, video.file_sizes()]
        digest = hashlib.sha256(repr(content).encode())
        for frame, boxes in sorted(video.tracks[object_id].boxes.items()):
            digest.update(frame.encode() + b''.join(box.tobytes() for box in boxes))
        for frame, mask in sorted(manual.items()):
            digest.update(frame.encode() + mask.tobytes())
        return digest.hexdigest()

    def label(
        self,
        video: BoxVideo,
        source: VideoSource,
        object_ids: Iterable[int],
        manual: Mapping[int, Mapping[str, np.ndarray]],
    ) -> dict[int, dict[str, ObjectMask]]:
        """Predict masks of some of a video's objects.

        Args:
            video: may have unusable boxes.
            source: its frames; missing and damaged ones are skipped.
            object_ids: the objects.
            manual: object id -> frame name -> uint8 (H, W), manual masks for fine-tuning, from
                :meth:`ManualMasks.of_video`.

        Returns:
            dict: object id -> frame name -> mask, for every usable box in a frame that can be read.
        """
        found: dict[int, dict[str, ObjectMask]] = {i: {} for i in object_ids}
        self._segment(self.model, video, source, [i for i in found if not manual.get(i)], found)
        for i in found:
            if manual.get(i):
                self._segment(self._fine_tuned(video, source, i, manual[i]), video, source, [i], found)
        return found

    def _segment(
        self,
        model: BoxToMask,
        video: BoxVideo,
        source: VideoSource,
        object_ids: list[int],
        found: dict[int, dict[str, ObjectMask]],
    ) -> None:
        """Add the masks of some objects to ``found``."""
        boxes = _usable_boxes(video, source, object_ids)
        frames = LastFrameSource(source, keep=HELD_FRAMES)
        asked: list[tuple[str, list[int]]] = []

        def requests() -> Iterator[tuple[VideoSource, int, Mapping[int, np.ndarray]]]:
            for t in boxes:
                if read_frame(frames, t) is not None:
                    ids = list(boxes[t])
                    asked.append((source.frame_names[t], ids))
                    yield frames, t, LazyValues(boxes, partial(_stacked, ids))

        for probs in model.batched(requests()):
            frame, ids = asked.pop(0)
            for i, prob in zip(ids, probs, strict=True):
                mask = prob > 0.5
                score = float(prob[mask].mean()) if mask.any() else 0.0
                found[i][frame] = ObjectMask(encode_mask(mask), round(score, 4))

    def _fine_tuned(
        self, video: BoxVideo, source: VideoSource, object_id: int, manual: Mapping[str, np.ndarray]
    ) -> BoxToMask:
        """Copy of the model, fine-tuned on augmented manual masks of one object."""
        if not self.fine_tune:
            raise ConfigError('there are manual masks, but the config has no fine_tune settings.')
        # in the video's order: in that of the decisions, masks would depend on how many runs they took
        frames = [(t, frame) for t, frame in enumerate(source.frame_names) if frame in manual]
        images = {frame: read_frame(source, t) for t, frame in frames}
        clips = {
            f'video {video.name}, object {object_id}, frame {frame}': partial(
                still_clip, image, manual[frame], 1, 1, f'{video.name}/{frame}'
            )
            for frame, image in images.items()
            if image is not None
        }
        if not clips:
            raise VideoError(
                f'video {video.name}, object {object_id}: none of the frames {sorted(manual)}, which have '
                'its manual masks, can be read.'
            )
        network = self.model.network
        if network is None:
            self.model.with_network(network)  # raises an error that explains why
        with seeded(self.seed, video.name, object_id):
            samples = self._watched(augmented_samples(self.pipeline, clips))
            return self.model.with_network(adapted_copy(network, samples, **self.fine_tune))

    def _watched(self, samples: Iterator[dict]) -> Iterator[dict]:
        total = self.fine_tune['steps'] * self.fine_tune['batch_size']
        for done, sample in enumerate(samples):
            if self.on_sample:
                self.on_sample(done, total)
            yield sample


def build_labeller(
    config: str | Path,
    checkpoint: str | Path | None = None,
    device: str = 'cpu',
    cfg_options: dict | None = None,
) -> Labeller:
    """The labeller of a config: its model, and the settings under ``pseudo_labels``.

    Args:
        config: of a :class:`~vosplug.models.Box2Seg`, a :class:`~vosplug.models.STANet` or any other
            :class:`~vosplug.models.BoxToMask`: a path, the path of a shipped config, or a name such as
            ``'box2seg-tiny'``, which includes weights.
        checkpoint: weights.
        device: torch device.
        cfg_options: config overrides.

    Raises:
        ConfigError: a config of another model, or a Box2Seg without ``pseudo_labels`` or without weights; a
            device that this machine does not have.
    """
    checked = checked_device(device)
    model = build_model(config, checkpoint, cfg_options)
    settings = dict(model.cfg.get('pseudo_labels', {}))
    if isinstance(model, Box2Seg) and not settings:
        raise ConfigError(f'{config}: has no `pseudo_labels`; inherit from a shipped config of Box2Seg.')
    options = {key: settings.pop(key) for key in OPTIONS if key in settings}
    return Labeller(as_box_to_mask(model, **options).to(checked), **settings)


def _text(value: object) -> str:
    """A value as text that is the same in all processes."""
    return re.sub(' at 0x[0-9a-fA-F]+', '', str(value))


def _usable_boxes(
    video: BoxVideo, source: VideoSource, object_ids: list[int]
) -> dict[int, dict[int, np.ndarray]]:
    """Usable boxes of some of a video's objects: index of the frame in the source -> object id -> box."""
    index = {name: t for t, name in enumerate(source.frame_names)}
    found = {}
    for frame in video.frames:
        boxes = {i: video.tracks[i].boxes[frame] for i in object_ids if frame in video.tracks[i].boxes}
        good = {i: b[0] for i, b in boxes.items() if why_unusable(b, source.size) is None}
        if good and frame in index:
            found[index[frame]] = good
    return found


def _stacked(ids: list[int], boxes: Mapping[int, np.ndarray]) -> np.ndarray:
    """Boxes of N objects, float32 (N, 4); NaN for those without one."""
    unknown = np.full(4, np.nan, np.float32)
    return np.stack([boxes.get(i, unknown) for i in ids])


def read_frame(source: VideoSource, t: int) -> np.ndarray | None:
    """Frame ``t``; None if it is damaged."""
    try:
        return source[t]
    except VideoError:
        return None
