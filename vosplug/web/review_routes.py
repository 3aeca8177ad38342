"""HTTP routes of the review page."""

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta, Struct, structs
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from ..errors import AnnotationError
from ..formats.rle import decode_mask, encode_mask
from ..pseudo_labels import Decision
from ..pseudo_labels.composition import Label
from ..structures.box_ops import MAX_OBJECTS
from .events import Events, event_stream
from .images import id_runs
from .jobs import Worker
from .pages import STATIC, jpeg_response, json_body, not_found
from .review_jobs import ReviewJobs
from .review_set import ReviewSet

_SHOWN = 500  # videos in the list, at most
_ORDERS: dict[str, Callable[[dict], tuple]] = {
    'score': lambda s: (s['worst'] is None, s['worst'] or 0, s['name']),
    'name': lambda s: (s['name'],),
    'decided': lambda s: (-s['fixed'] - s['bad'], s['name']),
}

Index = Annotated[int, Meta(ge=0)]
ObjectId = Annotated[int, Meta(ge=1, le=MAX_OBJECTS)]


class Change(Struct, forbid_unknown_fields=True):
    """A decision sent by a page: column-wise run lengths ``counts``, or the ``rle`` of an earlier reply."""

    object: ObjectId
    frame: Index
    kind: Literal['bad', 'manual', 'fixed'] | None = None
    by: Literal['file', 'brush', 'polygon', 'box', 'tracker', 'nobody'] = 'brush'
    counts: list[Index] | None = None
    rle: str = ''
    void: str = ''
    tune: bool = False

    def decision(self, size: tuple[int, int]) -> Decision | None:
        """The decision; None revokes the present one."""
        if self.kind is None:
            return None
        if self.kind == 'bad':
            return Decision('bad')
        rle = self.rle if self.counts is None else encode_mask(decode_mask(self.counts, size))
        if not rle:
            raise AnnotationError(f'object {self.object}: a decision of kind {self.kind} needs a mask.')
        return Decision(self.kind, rle, self.void, self.by, self.tune)


class Decide(Struct):
    """Decisions about a video, made on one of its revisions."""

    revision: int
    changes: list[Change]


class DrawnBox(Struct):
    """A box, xyxy."""

    object: ObjectId
    frame: Index
    box: tuple[float, float, float, float]


class Propagate(Struct):
    """Propagation of an object's mask: from which frame, and how far."""

    object: ObjectId
    frame: Index
    forward: Index = 0
    backward: Index = 0


class Learn(Struct):
    """Fine-tuning on the drawn masks of an object."""

    object: ObjectId


class ReviewRoutes:
    """Answers the requests of the review page.

    Args:
        review: the set under review.
        jobs: submits jobs that need models.
        worker: runs these jobs.
        events: sent to all open pages.
        models: names of the models, shown on the page.
    """

    def __init__(
        self, review: ReviewSet, jobs: ReviewJobs, worker: Worker, events: Events, models: dict[str, str]
    ) -> None:
        self.review, self.jobs, self.worker = review, jobs, worker
        self.events, self.models = events, models

    def routes(self) -> list[Route]:
        """All routes of the page."""
        video = '/api/videos/{k:int}'
        return [
            Route('/', lambda request: FileResponse(STATIC / 'review.html')),
            Route('/api/state', self.state),
            Route('/api/events', lambda request: event_stream(self.events.listen())),
            Route('/api/videos', self.videos),
            Route(video, self.video),
            Route(video + '/frames/{t:int}.jpg', self.frame),
            Route(video + '/frames/{t:int}/labels', self.labels),
            Route(video + '/decisions', self.decide, methods=['POST']),
            Route(video + '/box', self.box, methods=['POST']),
            Route(video + '/propagate', self.propagate, methods=['POST']),
            Route(video + '/learn', self.learn, methods=['POST']),
            Route('/api/jobs/{number:int}/cancel', self.cancel, methods=['POST']),
        ]

    def state(self, request: Request) -> Response:
        """State of the review: models, lock, unsaved files and jobs."""
        return JSONResponse(
            dict(
                title=self.review.out.absolute().name,
                videos=len(self.review.videos),
                models=self.models,
                locked=self.review.why_locked(),
                saved=self.review.is_saved,
                problem=self.review.problem,
                jobs=[job.report() for job in self.worker.jobs()],
            )
        )

    def videos(self, request: Request) -> Response:
        """The video list, filtered and sorted."""
        wanted = request.query_params.get('q', '').casefold()
        order = _ORDERS.get(request.query_params.get('sort', ''), _ORDERS['score'])
        entries = self.review.list.entries()
        found = [
            dict(id=k, **entries[video.name])
            for k, video in enumerate(self.review.videos)
            if wanted in video.name.casefold()
        ]
        return JSONResponse(dict(count=len(found), videos=sorted(found, key=order)[:_SHOWN]))

    def video(self, request: Request) -> Response:
        """A video's frames, objects and decisions."""
        return JSONResponse(self.review.details(self._video(request)))

    def frame(self, request: Request) -> Response:
        """A frame as JPEG."""
        k = self._video(request)
        return jpeg_response(self.review.open(k).frame(self._name(k, request.path_params['t'])))

    def labels(self, request: Request) -> Response:
        """The labels of a frame."""
        k = self._video(request)
        mask, labels = self.review.labels(k, self._name(k, request.path_params['t']))
        return JSONResponse(
            dict(
                runs=None if mask is None else id_runs(mask),
                labels={label.object_id: _shown(label) for label in labels},
            )
        )

    async def decide(self, request: Request) -> Response:
        """Save decisions."""
        given = await json_body(request, Decide)

        def save() -> Response:
            k = self._video(request)
            size = self.review.open(k).source.size
            changes = [(c.object, self._name(k, c.frame), c.decision(size)) for c in given.changes]
            revision, before = self.review.decide(k, given.revision, changes)
            self.changed(k)
            self.jobs.make_labels(k)
            place = {name: t for t, name in enumerate(self.review.video(k).frames)}
            undo = [
                dict(object=i, frame=place[frame], **({} if d is None else structs.asdict(d)))
                for i, frame, d in before
            ]
            return JSONResponse(dict(revision=revision, before=undo))

        return await run_in_threadpool(save)

    def changed(self, k: int) -> None:
        """Tell all pages that a video changed."""
        name = self.review.video(k).name
        revision = self.review.decisions.read(name).revision
        self.events.publish('video', dict(video=k, revision=revision))

    async def box(self, request: Request) -> Response:
        """Make a mask from a drawn box."""
        given = await json_body(request, DrawnBox)
        return await self._job(
            request,
            lambda k: self.jobs.mask_of_box(k, given.object, self._name(k, given.frame), given.box),
            given,
        )

    async def propagate(self, request: Request) -> Response:
        """Propagate a mask to other frames."""
        given = await json_body(request, Propagate)
        return await self._job(
            request,
            lambda k: self.jobs.propagate(
                k, given.object, self._name(k, given.frame), given.forward, given.backward
            ),
            given,
        )

    async def learn(self, request: Request) -> Response:
        """Fine-tune on drawn masks."""
        given = await json_body(request, Learn)
        return await self._job(request, lambda k: self.jobs.learn(k, given.object), given)

    async def _job(self, request: Request, submit: Callable, given: DrawnBox | Propagate | Learn) -> Response:
        def ask() -> Response:
            k = self._video(request)
            if given.object not in self.review.video(k).tracks:
                raise not_found(f'this video has no object {given.object}.')
            return JSONResponse(submit(k).report(), 202)

        return await run_in_threadpool(ask)

    def cancel(self, request: Request) -> Response:
        """Stop a job."""
        if not self.worker.cancel(request.path_params['number']):
            raise not_found('this job is over.')
        return JSONResponse({})

    def _video(self, request: Request) -> int:
        k = request.path_params['k']
        if k >= len(self.review.videos):
            raise not_found('there is no such video.')
        return k

    def _name(self, k: int, t: int) -> str:
        frames = self.review.video(k).frames
        if t >= len(frames):
            raise not_found('the video has no such frame.')
        return frames[t]


def _shown(label: Label) -> dict:
    return dict(
        score=label.score,
        source=label.source,
        status=label.status,
        reason=label.reason,
        boxes=[np.nan_to_num(box).tolist() for box in label.boxes],
    )
