"""Parts shared by all pages: static files, request bodies and error responses."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from ..errors import OutputError, VOSError
from ..limits import limit
from ..pseudo_labels import InUseError, StaleRevisionError
from .images import jpeg
from .security import Guard

_LOG = logging.getLogger(__name__)  # not mmengine's, whose lock other threads may hold
STATIC = Path(__file__).parent / 'static'

Body = TypeVar('Body', bound=msgspec.Struct)

# (error class, HTTP status), the most specific first
_STATUSES: list[tuple[type[VOSError], int]] = [
    (StaleRevisionError, 409),
    (InUseError, 423),
    (OutputError, 507),
    (VOSError, 422),
]


def make_app(
    routes: Sequence[BaseRoute], host: str, token: str | None, lifespan: Callable | None = None
) -> Starlette:
    """Application that serves the given routes.

    Args:
        routes: routes of the pages.
        host: the address that the server listens on.
        token: see :class:`~.security.Guard`.
        lifespan: Starlette's context manager around the server's run.
    """
    static = Mount('/static', StaticFiles(directory=STATIC))
    return Starlette(
        routes=[*routes, static],
        middleware=[Middleware(Guard, host=host, token=token)],
        exception_handlers={VOSError: _explain, HTTPException: _say},
        lifespan=lifespan,
    )


async def json_body(request: Request, kind: type[Body]) -> Body:
    """Decode the JSON body of a request.

    Raises:
        HTTPException: the body is not JSON, is too long, or does not match ``kind``.
    """
    if not request.headers.get('content-type', '').startswith('application/json'):
        raise HTTPException(415, 'expected JSON.')
    data, most = bytearray(), 4 * limit('MAX_PIXELS') // 10
    async for part in request.stream():
        data += part
        if len(data) > most:
            raise HTTPException(413, 'the request is too long.')
    try:
        return msgspec.json.decode(bytes(data), type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise HTTPException(400, f'not a request of this page: {error}') from None


def jpeg_response(frame: np.ndarray) -> Response:
    """A frame, uint8 (H, W, 3) BGR, as JPEG."""
    headers = {'cache-control': 'private, max-age=600'}
    return Response(jpeg(frame), media_type='image/jpeg', headers=headers)


def not_found(text: str) -> HTTPException:
    """Error 404 with a message."""
    return HTTPException(404, text)


async def _explain(request: Request, error: Exception) -> Response:
    status = next(status for kind, status in _STATUSES if isinstance(error, kind))
    _LOG.warning('%s: %s', request.url.path, error)
    return JSONResponse(dict(error=str(error)), status)


async def _say(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse(dict(error=error.detail), error.status_code)
