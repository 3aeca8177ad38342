"""Boxes to masks by the network, object by object; what becomes of the masks is decided later."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from mmcv.transforms import Compose

from ..engine.adaptation import fine_tuned, seeded
from ..errors import AnnotationError, ConfigError, VideoError
from ..models.segmentors import Box2Seg
from ..registry import TRANSFORMS
from ..structures import BoxCrop, Supervision, VideoSource, boxes_of_mask, fill_box
from .box_video import BoxVideo, why_unusable
from .rle import encode_mask

TRIES = 100  # of deforming a mask by hand so that something of it stays in the frame


class ObjectMask(NamedTuple):
    """What the network made of one box."""

    rle: str  # run lengths, at the frame's size
    score: float  # mean probability over the mask's pixels, in [0, 1]; 0 for an empty mask


class Labeller:
    """Runs Box2Seg over the boxes of a video, fine-tuned to every object that has masks by hand.

    Voigtlaender et al. 2021, Sec. 3.1.

    Args:
        model: the network.
        batch_size: crops at a time, of several objects and frames.
        fine_tune: ``steps``, ``batch_size``, ``optim_wrapper`` and ``pipeline`` (transforms of a clip of one
            frame); without it there can be no masks by hand.
        inside_box: nothing outside of the box is the object.
        seed: of fine-tuning.
    """

    def __init__(
        self,
        model: Box2Seg,
        batch_size: int = 16,
        fine_tune: dict | None = None,
        inside_box: bool = True,
        seed: int = 0,
    ) -> None:
        self.model, self.batch_size, self.inside_box, self.seed = model, batch_size, inside_box, seed
        self.fine_tune = dict(fine_tune or {})
        settings = [model.crop, self.fine_tune, inside_box, seed]
        self._digest = hashlib.sha256(json.dumps(settings, default=str, sort_keys=True).encode())
        for value in model.state_dict().values():
            self._digest.update(value.cpu().contiguous().numpy().tobytes())
        self.pipeline = Compose([TRANSFORMS.build(dict(t)) for t in self.fine_tune.pop('pipeline', [])])

    def fingerprint(self, video: BoxVideo, object_id: int, manual: Mapping[str, np.ndarray]) -> str:
        """What an object's masks follow from: weights, settings, frames, boxes, masks by hand; hashed."""
        digest = self._digest.copy()
        digest.update(repr([video.name, object_id, video.frames, video.file_sizes()]).encode())
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
        """Masks of some of a video's objects.

        Args:
            video: with usable and other boxes.
            source: its frames; those that are missing or damaged are passed over.
            object_ids: the objects.
            manual: object id -> frame name -> uint8 (H, W), masks by hand to fine-tune to, as
                :meth:`ManualMasks.of_video` gives them.

        Returns:
            dict: object id -> frame name -> mask, for every usable box in a frame that can be read.
        """
        found: dict[int, dict[str, ObjectMask]] = {i: {} for i in object_ids}
        plain = [i for i in found if not manual.get(i)]
        self._segment(video, source, plain, found)
        for i in found:
            if manual.get(i):
                if not self.fine_tune:
                    raise ConfigError('there are masks by hand, but the config has no fine_tune settings.')
                with seeded(self.seed, video.name, i):
                    samples = self._samples(video, source, i, manual[i])
                    with fine_tuned(self.model, samples.__next__, **self.fine_tune):
                        self._segment(video, source, [i], found)
        return found

    # ------------------------------------------------------------------ segmenting

    def _segment(
        self,
        video: BoxVideo,
        source: VideoSource,
        object_ids: list[int],
        found: dict[int, dict[str, ObjectMask]],
    ) -> None:
        waiting: list[tuple[int, str, BoxCrop, np.ndarray]] = []
        for crop in self._crops(video, source, object_ids):
            waiting.append(crop)
            if len(waiting) == self.batch_size:
                self._flush(waiting, found)
                waiting = []
        if waiting:
            self._flush(waiting, found)

    def _crops(
        self, video: BoxVideo, source: VideoSource, object_ids: list[int]
    ) -> Iterator[tuple[int, str, BoxCrop, np.ndarray]]:
        index = {name: t for t, name in enumerate(source.frame_names)}
        for frame in video.frames:
            boxes = {i: video.tracks[i].boxes[frame] for i in object_ids if frame in video.tracks[i].boxes}
            good = {i: b[0] for i, b in boxes.items() if why_unusable(b, source.size) is None}
            image = read_frame(source, index.get(frame)) if good else None
            if image is not None:
                for i, box in good.items():
                    crop = self.model.crop_of(box, source.size)
                    yield i, frame, crop, crop.image(image)

    def _flush(
        self,
        waiting: list[tuple[int, str, BoxCrop, np.ndarray]],
        found: dict[int, dict[str, ObjectMask]],
    ) -> None:
        probs = self.model.crop_probs([inputs for *_, inputs in waiting])
        for (i, frame, crop, _), prob in zip(waiting, probs, strict=True):
            whole = crop.paste(prob)
            mask = whole > 0.5
            if self.inside_box:
                mask &= fill_box(crop.box, crop.shape)
            score = float(whole[mask].mean()) if mask.any() else 0.0
            found[i][frame] = ObjectMask(encode_mask(mask), round(score, 4))

    # ------------------------------------------------------------------ fine-tuning

    def _samples(
        self, video: BoxVideo, source: VideoSource, object_id: int, manual: Mapping[str, np.ndarray]
    ) -> Iterator[dict]:
        """Endless training samples of an object, each a deformed mask by hand."""
        index = {name: t for t, name in enumerate(source.frame_names)}
        images = {frame: read_frame(source, index.get(frame)) for frame in manual}
        frames = [frame for frame, image in images.items() if image is not None]
        if not frames:
            raise VideoError(
                f'video {video.name}, object {object_id}: none of the frames {sorted(manual)}, which have '
                'its masks by hand, can be read.'
            )
        while True:
            frame = frames[np.random.randint(len(frames))]
            tried = (
                self.pipeline(self._clip(video.name, frame, object_id, images[frame], manual[frame]))
                for _ in range(TRIES)
            )
            sample = next((s for s in tried if s is not None), None)
            if sample is None:
                raise AnnotationError(
                    f'video {video.name}, object {object_id}, frame {frame}: of its mask by hand nothing is '
                    f'left after each of {TRIES} deformations. Deform less in the pipeline of fine_tune.'
                )
            yield sample

    @staticmethod
    def _clip(name: str, frame: str, object_id: int, image: np.ndarray, mask: np.ndarray) -> dict:
        """A clip of one frame, as transforms take it."""
        return dict(
            imgs=[image.copy()],
            id_masks=[mask.copy()],
            boxes=boxes_of_mask(mask)[1][None, None],
            visible=np.ones((1, 1), bool),
            supervision=np.full((1, 1), int(Supervision.MASK)),
            object_ids=[object_id],
            video_name=name,
            frame_names=[frame],
        )


def read_frame(source: VideoSource, t: int | None) -> np.ndarray | None:
    """Frame ``t``; None where it is missing or damaged."""
    try:
        return None if t is None else source[t]
    except VideoError:
        return None
