"""Jobs of a review that run models: masks from boxes, mask propagation, and fine-tuning on drawn masks."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
import torch
from msgspec import structs

from ..errors import PromptError, VOSError
from ..models import BoxToMask, StreamingModel
from ..models.streaming import StreamingSegmentor
from ..pseudo_labels import Decision, InUseError, VideoDecisions, mask_decision
from ..structures import ObjectPrompt, boxes_of_mask
from ..structures.box_ops import in_image
from .images import ChosenFrames
from .jobs import Cancelled, Job, Worker
from .review_set import Changes, ReviewSet

Made = TypeVar('Made')

_LOOK = 1.0  # seconds between attempts to take a lock that is held elsewhere


class ReviewJobs:
    """Submits the jobs of a review that need models.

    Args:
        review: the set under review.
        worker: its thread runs the models.
        segmenter: makes masks from drawn boxes.
        tracker: propagates masks to other frames.
        on_video: called with the number of a video whose decisions or labels a job changed.
    """

    def __init__(
        self,
        review: ReviewSet,
        worker: Worker,
        segmenter: BoxToMask,
        tracker: StreamingSegmentor | StreamingModel,
        on_video: Callable[[int], None],
    ) -> None:
        self.review, self.worker, self.on_video = review, worker, on_video
        self.segmenter, self.tracker = segmenter, tracker

    def make_labels(self, k: int) -> Job:
        """Update the labels of video ``k`` to its decisions."""

        def work(job: Job) -> None:
            self._patiently(job, lambda: self.review.make_labels(k))
            self.on_video(k)

        return self.worker.submit(f'{self.review.video(k).name}: writing labels', work, f'labels {k}')

    def mask_of_box(self, k: int, object_id: int, frame: str, box: tuple[float, ...]) -> Job:
        """Make a mask from a drawn box, xyxy, and save it as a correction.

        Raises:
            PromptError: the box has no area in the image.
        """
        video, opened = self.review.video(k), self.review.open(k)
        if not in_image(box, opened.source.size):
            raise PromptError('The box has no area inside the image; draw it over the object.')

        def work(job: Job) -> str:
            seen = self.review.decisions.read(video.name)
            image = opened.frame(frame)
            with torch.no_grad():
                (prob,) = self.segmenter([image], 0, {0: np.array([box], np.float32)})
            mask = (prob > 0.5).astype(np.uint8)
            if not mask.any():
                raise PromptError('The model found nothing in this box. Draw it tighter, or use the brush.')
            found = (object_id, frame, mask_decision(mask, 'fixed', 'box'))
            return self._save(job, k, seen, [found])

        return self.worker.submit(f'{video.name} #{object_id}: mask of a box in frame {frame}', work)

    def propagate(self, k: int, object_id: int, frame: str, forward: int, backward: int) -> Job:
        """Propagate the mask of an object to frames before and after, up to the next manual mask.

        Args:
            k: video index.
            object_id: the object.
            frame: name of the frame with the mask.
            forward: largest number of frames after it.
            backward: largest number of frames before it.

        Raises:
            PromptError: the object has no mask in this frame.
        """
        video = self.review.video(k)
        if not (self._mask(k, frame) == object_id).any():
            raise PromptError(f'Object {object_id} has no mask in this frame; draw one first.')

        def work(job: Job) -> str:
            seen = self.review.decisions.read(video.name)
            ahead, behind = (self._reachable(k, object_id, frame, step) for step in (1, -1))
            ways = [ahead[:forward], behind[:backward]]
            total, done, lost = sum(map(len, ways)), 0, 0
            changes: Changes = []
            for names, backwards in zip(ways, (False, True), strict=True):
                for name, mask in self._track(k, object_id, frame, names, backwards):
                    done += 1
                    job.step(done, total)
                    if mask.any():
                        changes.append((object_id, name, mask_decision(mask, 'fixed', 'tracker')))
                    else:
                        lost += 1
            told = self._save(job, k, seen, changes)
            return told + (f'; not found in {_count(lost, "frame")}, left as before' if lost else '')

        return self.worker.submit(f'{video.name} #{object_id}: propagating from frame {frame}', work)

    def _mask(self, k: int, frame: str) -> np.ndarray:
        mask, _ = self.review.labels(k, frame)
        return np.zeros((0, 0), np.uint8) if mask is None else mask

    def _reachable(self, k: int, object_id: int, frame: str, step: int) -> list[str]:
        """Existing frames in one direction, up to the next one with a manual mask."""
        video, index = self.review.video(k), self.review.open(k).index
        decisions = self.review.decisions.read(video.name)
        names = video.frames[::step]
        found = []
        for name in names[names.index(frame) + 1 :]:
            decision = decisions.get(object_id, name)
            if decision is not None and decision.kind != 'bad' and decision.by != 'tracker':
                break
            if name in index:
                found.append(name)
        return found

    def _track(
        self, k: int, object_id: int, frame: str, names: list[str], backwards: bool
    ) -> Iterator[tuple[str, np.ndarray]]:
        """Track an object from ``frame`` through ``names``; yields frame names and masks."""
        if not names:
            return
        mask = self._mask(k, frame)
        # the other objects are prompted too, so that the tracker does not confuse them with this one
        prompts = [ObjectPrompt(i, mask=mask == i) for i in boxes_of_mask(mask)]
        source = self.review.video(k).open()
        index = {name: t for t, name in enumerate(source.frame_names)}
        frames = ChosenFrames(source, [index[name] for name in [frame, *names]], backwards)
        for result in self.tracker.stream(frames, {0: prompts}):
            if result.index:
                yield names[result.index - 1], (result.mask == object_id).astype(np.uint8)

    def learn(self, k: int, object_id: int) -> Job:
        """Fine-tune the label model on the object's drawn masks, and segment its other frames again.

        Raises:
            PromptError: the object has no drawn mask.
        """
        video = self.review.video(k)
        if not any(d.rle and d.by not in ('tracker', 'nobody') for d in self._decided(k, object_id).values()):
            raise PromptError(f'Object {object_id} has no drawn mask to learn from; draw one first.')
        labeller = self.review.maker.labeller

        def work(job: Job) -> str:
            seen = self.review.decisions.read(video.name)
            drawn = {f: d for f, d in self._decided(k, object_id).items() if d.rle}
            teaching = [f for f, d in drawn.items() if d.by not in ('tracker', 'nobody')]
            changes: Changes = [(object_id, f, structs.replace(drawn[f], tune=True)) for f in teaching]
            # propagated masks give way to those of the fine-tuned model
            changes += [(object_id, f, None) for f, d in drawn.items() if d.by == 'tracker']
            self._patiently(job, lambda: self.review.add_found(k, seen, changes))
            labeller.on_sample = job.step
            try:
                self._patiently(job, lambda: self.review.make_labels(k))
            except (Cancelled, VOSError):  # for example, the model cannot be fine-tuned
                now = self.review.decisions.read(video.name)
                undone: Changes = [(i, f, seen.get(i, f)) for i, f, _ in changes]
                self.review.add_found(k, now, undone)
                self.make_labels(k)
                raise
            finally:
                labeller.on_sample = None
                self.on_video(k)
            return f'learnt from {_count(len(teaching), "mask")}'

        return self.worker.submit(f'{video.name} #{object_id}: learning from drawn masks', work)

    def _decided(self, k: int, object_id: int) -> dict[str, Decision]:
        return self.review.decisions.read(self.review.video(k).name).objects.get(object_id, {})

    def _save(self, job: Job, k: int, seen: VideoDecisions, changes: Changes) -> str:
        """Save masks that a job found; returns the job's message."""
        saved = self._patiently(job, lambda: self.review.add_found(k, seen, changes))
        self.on_video(k)
        self.make_labels(k)
        kept = len(changes) - saved
        return _count(saved, 'mask') + (
            f'; {_count(kept, "frame")} decided in the meantime, left as before' if kept else ''
        )

    def _patiently(self, job: Job, work: Callable[[], Made]) -> Made:
        """Run ``work``, and try again as long as the folder's lock is held elsewhere."""
        while True:
            try:
                return work()
            except InUseError as error:
                job.step(job.done, job.total, f'waits: {error}')
                time.sleep(_LOOK)


def _count(number: int, what: str) -> str:
    return f'{number} {what}' + ('' if number == 1 else 's')
