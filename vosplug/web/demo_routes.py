"""HTTP routes of the demo page."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from ..limits import limit
from ..structures import ObjectPrompt
from .clips import Clip, Clips
from .events import event, event_stream
from .jobs import OVER
from .pages import STATIC, jpeg_response, json_body, not_found
from .review_routes import DrawnBox

_LOOK = 0.04  # seconds between polls for new results
_MOST_OBJECTS = 20


class Track(Struct):
    """Boxes of the objects to track."""

    prompts: Annotated[list[DrawnBox], Meta(min_length=1, max_length=_MOST_OBJECTS)]


class DemoRoutes:
    """Answers the requests of the demo page.

    Args:
        clips: the uploaded clips.
        name: model name shown on the page.
    """

    def __init__(self, clips: Clips, name: str) -> None:
        self.clips, self.name = clips, name

    def routes(self) -> list[Route]:
        """All routes of the page."""
        clip = '/api/clips/{clip}'
        return [
            Route('/', lambda request: FileResponse(STATIC / 'demo.html')),
            Route('/api/about', self.about),
            Route('/api/clips', self.upload, methods=['POST']),
            Route('/api/example', self.example, methods=['POST']),
            Route(clip + '/frames/{t:int}.jpg', self.frame),
            Route(clip + '/track', self.track, methods=['POST']),
            Route(clip + '/stop', self.stop, methods=['POST']),
            Route(clip + '/results', self.results),
        ]

    def about(self, request: Request) -> Response:
        """The model's name and the upload limit."""
        return JSONResponse(dict(model=self.name, max_upload=limit('MAX_UPLOAD')))

    async def upload(self, request: Request) -> Response:
        """Store the clip in the request body, and return its metadata."""
        most, size, path, file = limit('MAX_UPLOAD'), 0, None, None
        too_long = HTTPException(413, f'The video is larger than {most / 1e6:.0f} MB. Choose a shorter one.')
        announced = request.headers.get('content-length', '0')
        if announced.isdecimal() and int(announced) > most:
            raise too_long
        start = b''
        try:
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise too_long
                if file is None:
                    start += part
                    if len(start) < 16:
                        continue
                    path = self.clips.new_path(start)
                    file, part = path.open('xb'), start
                await run_in_threadpool(file.write, part)
        except BaseException:  # including a client that disconnects
            if path is not None:
                path.unlink(missing_ok=True)
            raise
        finally:
            if file is not None:
                file.close()
        path = path or self.clips.new_path(start)
        return JSONResponse((await run_in_threadpool(self.clips.add, path)).report(), 201)

    def example(self, request: Request) -> Response:
        """Add a generated clip."""
        return JSONResponse(self.clips.add(None).report(), 201)

    def frame(self, request: Request) -> Response:
        """A frame as JPEG."""
        clip, t = self._clip(request), request.path_params['t']
        if t >= len(clip.source):
            raise not_found('the clip has no such frame.')
        return jpeg_response(clip.frame(t))

    async def track(self, request: Request) -> Response:
        """Start tracking objects."""
        given = await json_body(request, Track)
        clip = self._clip(request)
        prompts: dict[int, list[ObjectPrompt]] = {}
        for prompt in given.prompts:
            if prompt.frame >= len(clip.source):
                raise not_found('the clip has no such frame.')
            prompts.setdefault(prompt.frame, []).append(ObjectPrompt(prompt.object, box=np.array(prompt.box)))
        return JSONResponse(self.clips.track(clip, prompts).report(), 202)

    def stop(self, request: Request) -> Response:
        """Stop tracking."""
        clip = self._clip(request)
        if clip.job:
            clip.job.cancelled.set()
        return JSONResponse({})

    def results(self, request: Request) -> Response:
        """Stream masks as events while they are predicted; a page that reconnects continues where it was."""
        last = request.headers.get('last-event-id', '')
        return event_stream(_found(self._clip(request), int(last) if last.isdecimal() else 0))

    def _clip(self, request: Request) -> Clip:
        try:
            return self.clips[request.path_params['clip']]
        except KeyError:
            raise not_found('This clip is no longer here. Send it again.') from None


async def _found(clip: Clip, sent: int) -> AsyncIterator[str]:
    job, results = clip.job, clip.results
    while job is not None and job is clip.job:
        over = job.state in OVER
        for result in results[sent:]:
            sent += 1
            yield event('frame', result, sent)
        if over:
            break
        await asyncio.sleep(_LOOK)
    yield event('end', {} if job is None else job.report())
