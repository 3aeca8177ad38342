"""Server-sent events for all open pages."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

_KEEP_ALIVE = 15  # seconds; proxies close idle connections
_HELD = 1000  # events that a page may lag behind


class Events:
    """Broadcasts events from any thread to all open pages."""

    def __init__(self) -> None:
        self._pages: dict[asyncio.Queue[str], asyncio.AbstractEventLoop] = {}

    def publish(self, kind: str, content: dict) -> None:
        """Send an event to all pages."""
        text = event(kind, content)
        for page, loop in list(self._pages.items()):
            with contextlib.suppress(RuntimeError):  # the loop was closed
                loop.call_soon_threadsafe(_put, page, text)

    async def listen(self) -> AsyncIterator[str]:
        """Events published from now on."""
        page: asyncio.Queue[str] = asyncio.Queue(_HELD)
        self._pages[page] = asyncio.get_running_loop()
        try:
            yield event('hello', {})
            while True:
                try:
                    yield await asyncio.wait_for(page.get(), _KEEP_ALIVE)
                except asyncio.TimeoutError:
                    yield ': still here\n\n'
        finally:
            del self._pages[page]


def event(kind: str, content: dict, number: int | None = None) -> str:
    """Text of an event; a page that reconnects sends the number of the last event it received."""
    head = '' if number is None else f'id: {number}\n'
    return f'{head}event: {kind}\ndata: {json.dumps(content)}\n\n'


def event_stream(events: AsyncIterator[str]) -> StreamingResponse:
    """Response that streams events."""
    headers = {'cache-control': 'no-store', 'x-accel-buffering': 'no'}
    return StreamingResponse(events, media_type='text/event-stream', headers=headers)


def _put(page: asyncio.Queue[str], text: str) -> None:
    with contextlib.suppress(asyncio.QueueFull):  # a page that sleeps reloads when it wakes
        page.put_nowait(text)
