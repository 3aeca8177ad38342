"""The servers of the review page and of the demo page."""

import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from ..errors import ConfigError
from ..models import BoxToMask, StreamingModel
from ..models.streaming import StreamingSegmentor
from ..pseudo_labels import BoxVideo, LabelFactory, Recipe, write_numbers, write_quality
from .clips import Clips
from .demo_routes import DemoRoutes
from .events import Events
from .jobs import Job, Worker
from .pages import make_app
from .review_jobs import ReviewJobs
from .review_routes import ReviewRoutes
from .review_set import ReviewSet
from .security import is_local, new_token

_GRACE = 2  # seconds for open connections when the server is stopped; pages keep one open


def review_app(
    factory: LabelFactory,
    videos: list[BoxVideo],
    segmenter: BoxToMask,
    tracker: StreamingSegmentor | StreamingModel,
    recipe: Recipe | None = None,
    models: dict[str, str] | None = None,
    host: str = '127.0.0.1',
    token: str | None = None,
) -> Starlette:
    """The application of the review page.

    Args:
        factory: label factory of the folder.
        videos: videos of the set.
        segmenter: makes masks from drawn boxes.
        tracker: propagates masks to other frames.
        recipe: settings of the quality report; None: none is written.
        models: names of the models, shown on the page.
        host: the address that the server listens on.
        token: see :func:`serve`.
    """
    events = Events()

    def write_report(rows: list[list[str]]) -> None:
        if recipe is None:
            return
        if recipe.manifest == 'parquet':
            write_numbers(factory.out)
        else:
            write_quality(factory.out, videos, rows, recipe.truth, recipe.worst)

    review = ReviewSet(factory, videos, write_report)

    def on_job(job: Job) -> None:
        events.publish('job', job.report())

    def on_idle() -> None:
        if review.write_whole():
            events.publish('saved', {})

    worker = Worker(on_job, on_idle)
    jobs = ReviewJobs(review, worker, segmenter, tracker, lambda k: routes.changed(k))
    routes = ReviewRoutes(review, jobs, worker, events, models or {})

    def start() -> None:
        worker.start()
        for k in review.unfinished():
            jobs.make_labels(k)

    return make_app(routes.routes(), host, token, lifespan=_lifespan(start, worker.stop))


def demo_app(
    model: StreamingSegmentor | StreamingModel,
    name: str = '',
    host: str = '127.0.0.1',
    token: str | None = None,
) -> Starlette:
    """The application of the demo page.

    Args:
        model: tracks objects from boxes.
        name: model name shown on the page.
        host: the address that the server listens on.
        token: see :func:`serve`.
    """
    worker = Worker(lambda job: None)
    clips = Clips(model, worker)

    def start() -> None:
        clips.start()
        worker.start()

    def stop() -> None:
        worker.stop()
        clips.close()

    return make_app(DemoRoutes(clips, name).routes(), host, token, lifespan=_lifespan(start, stop))


def serve_demo(
    model: StreamingSegmentor | StreamingModel,
    host: str = '127.0.0.1',
    port: int = 8766,
    token: str | None = None,
    name: str = '',
) -> None:
    """Serve the demo page until the process is interrupted: send a clip, draw boxes, watch the masks.

    Args:
        model: from :func:`vosplug.apis.init_model`.
        host: address to listen on; by default only this machine can reach it.
        port: port to listen on; 0: a free one.
        token: see :func:`serve`.
        name: model name shown on the page.
    """
    serve(lambda token: demo_app(model, name, host, token), host, port, token)


def serve(app: Callable[[str | None], Starlette], host: str, port: int, token: str | None = None) -> None:
    """Serve an application until the process is interrupted; its address is printed.

    Args:
        app: makes the application, given its token.
        host: address to listen on.
        port: port to listen on; 0: a free one.
        token: access token that every visitor needs; None: one is generated if others can reach the host, and
            none is needed otherwise.

    Raises:
        ConfigError: the port is in use, or the address is not one of this machine.
    """
    if token is None and not is_local(host):
        token = new_token()
    config = uvicorn.Config(
        app(token),
        host=host,
        port=port,
        log_level=logging.WARNING,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    try:
        socket = config.bind_socket()
    except SystemExit:  # uvicorn has said why
        raise ConfigError(
            f'{host}:{port}: cannot listen there; the port is in use, or the address is not one of '
            'this machine. Choose another --port or --host.'
        ) from None
    shown = f'[{host}]' if ':' in host else host
    query = f'/?token={token}' if token else ''
    print(f'http://{shown}:{socket.getsockname()[1]}{query}', file=sys.stderr, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[socket])


def _lifespan(start: Callable[[], None], stop: Callable[[], None]) -> Callable:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        start()
        try:
            yield
        finally:
            stop()

    return lifespan
